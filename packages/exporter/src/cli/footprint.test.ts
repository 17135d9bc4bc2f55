import { expect, test } from 'vitest';
import { footprintFlags } from './footprint.ts';

test('only the modes for one server of a household give up the optimising compilers', () => {
  for (const args of [['plex'], ['jellyfin', '--help']]) {
    expect(footprintFlags(args)).toEqual(expect.arrayContaining(['--no-opt', '--no-maglev', '--liftoff-only']));
  }
  for (const args of [[], ['run'], ['mediasoup'], ['--config.file', 'plex']]) {
    expect(footprintFlags(args)).toEqual(['--semi-space-growth-factor=1']);
  }
});
