import { expect, test } from 'vitest';
import { footprintFlags } from './footprint.ts';

test('only the modes for one server of a household give up the optimising compilers', () => {
  for (const args of [['plex'], ['jellyfin', '--help']]) {
    expect(footprintFlags(args)).toEqual(
      expect.arrayContaining(['--no-opt', '--no-maglev', '--no-wasm-tier-up', '--no-wasm-dynamic-tiering']),
    );
  }
  for (const args of [[], ['run'], ['mediasoup'], ['--config.file', 'plex']]) {
    expect(footprintFlags(args)).toEqual(['--semi-space-growth-factor=1']);
  }
});

test('where passwords may have to be checked, which takes long without compilers, they stay', () => {
  for (const args of [
    ['jellyfin', '--web.config.file', 'web.yml'],
    ['plex', '--web.config.file=web.yml'],
  ]) {
    expect(footprintFlags(args)).not.toContain('--no-opt');
  }
});
