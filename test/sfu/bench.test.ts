import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { describeWith } from '../support/tools.ts';

const BENCH = join(import.meta.dirname, '../../bench/main.ts');

describeWith('mediasoup-worker', 'the benchmark of the SFU', ({ 'mediasoup-worker': worker }) => {
  test('polls both ways while a stream flows, and prints one line of JSON', () => {
    const args = ['--conditions=@media-exporter/source', BENCH, 'mediasoup', '--json', '--quick'];
    const bench = spawnSync(process.execPath, args, { encoding: 'utf8', env: { ...process.env, ...worker.env } });
    expect(bench.stderr).toContain('round 1 of 1, ours');
    const result = JSON.parse(bench.stdout) as { modes: Record<string, { packets: number; bytes?: number }> };
    expect(Object.keys(result.modes)).toEqual(['none', 'ours', 'plain']);
    for (const { packets } of Object.values(result.modes)) expect(packets).toBeGreaterThan(0);
    // Each of the 500 consumers has its line for bytes and for the score, however they are rendered.
    for (const mode of ['ours', 'plain']) expect(result.modes[mode]?.bytes).toBeGreaterThan(500 * 2 * 200);
    expect(bench.status).toBe(0);
  });
});
