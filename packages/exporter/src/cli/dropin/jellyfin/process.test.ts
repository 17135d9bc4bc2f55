import { type Family, family, renderText } from '@media-exporter/metrics';
import { describe, expect, test } from 'vitest';
import { processFamilies } from '../../../sources/jellyfin/families/process.ts';
import { bareProcess } from './process.ts';

describe('the bare process metrics', () => {
  const figures = { cpuSeconds: 12, residentBytes: 400 };

  test("are those of the server's process, without a label", () => {
    const families = processFamilies({
      sources: [
        { source: 'metrics', figures: undefined },
        { source: 'cgroup', figures },
      ],
      runtime: undefined,
      group: undefined,
    });
    const text = renderText([...bareProcess()(families)]);
    expect(text).toContain('# TYPE process_cpu_seconds_total counter\n');
    expect(text).toContain('\nprocess_cpu_seconds_total 12\n');
    expect(text).toContain('\nprocess_resident_memory_bytes 400\n');
  });

  test('are absent where nothing is known of it', () => {
    const families: readonly Family[] = processFamilies({ sources: [], runtime: undefined, group: undefined });
    expect(bareProcess()(families)).toEqual([]);
    expect(bareProcess()(families.map(({ metric }) => family(metric, [])))).toEqual([]);
  });

  test('stay those of the first source: the counter of another one may be lower', () => {
    const view = bareProcess();
    const read = (own: number | undefined): (string | undefined)[] => {
      const sources = [
        { source: 'metrics', figures: own === undefined ? undefined : { cpuSeconds: own, residentBytes: 500 } },
        { source: 'cgroup', figures },
      ] as const;
      const text = renderText([...view(processFamilies({ sources, runtime: undefined, group: undefined }))]);
      return ['process_cpu_seconds_total', 'process_resident_memory_bytes'].map(
        (name) => new RegExp(`^${name} (.*)$`, 'm').exec(text)?.[1],
      );
    };
    expect(read(1000)).toEqual(['1000', '500']);
    expect(read(undefined)).toEqual([undefined, '400']);
    expect(read(1001)).toEqual(['1001', '500']);
  });
});
