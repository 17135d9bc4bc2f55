import { describe, expect, test } from 'vitest';
import type { OpenJob } from '../ffmpeg/transcode-jobs.ts';
import { values } from '../testing/context.testing.ts';
import { transcodeLogsFamilies } from './transcode-logs.ts';

const JOB: OpenJob = {
  ...{ key: 'k', name: 'n', kind: 'transcode', mediaSourceId: 'i', counted: true, bytes: 1, modified: 0 },
};

function sessionsOf(running: readonly OpenJob[] | undefined): Record<string, number> {
  const jobs = { transcode: 0, directstream: 0, remux: 0 };
  const totals = { jobs, failures: 0, hardware: {}, exits: {} };
  const families = transcodeLogsFamilies({ source: 'api', totals, running, exitCodes: false, messages: undefined });
  return values(families, 'jellyfin_transcode_sessions');
}

describe('running transcodes by hardware', () => {
  test('are 0 on the processor when the logs say so, and absent when they were not looked at', () => {
    expect(sessionsOf([])).toEqual({ none: 0 });
    expect(sessionsOf([{ ...JOB, log: { stuck: false, kind: 'video', hardware: 'qsv' } }])).toEqual({
      none: 0,
      qsv: 1,
    });
    expect(sessionsOf(undefined)).toEqual({});
  });

  test('are not 0 on the processor while the log of one does not tell what it uses', () => {
    expect(sessionsOf([JOB])).toEqual({ unknown: 1 });
  });
});
