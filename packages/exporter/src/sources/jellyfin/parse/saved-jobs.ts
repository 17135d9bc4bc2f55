import type { LogPosition } from '../ffmpeg/exits.ts';
import type { SavedJobs } from '../ffmpeg/jobs.ts';
import { amount, type Fields, fields, list, text } from './json.ts';

/** What was kept of the logs; `undefined` for what cannot be read, and then everything begins anew. */
export function parseSavedJobs(saved: unknown): SavedJobs | undefined {
  const known = fields(saved);
  const totals = fields(known?.totals);
  const jobs = fields(totals?.jobs);
  const failures = amount(totals?.failures);
  if (known === undefined || totals === undefined || jobs === undefined || failures === undefined) return undefined;
  const { transcode, directstream, remux } = counts(jobs);
  return {
    seen: texts(known.seen),
    open: texts(known.open),
    totals: {
      jobs: { transcode: transcode ?? 0, directstream: directstream ?? 0, remux: remux ?? 0 },
      failures,
      hardware: counts(fields(totals.hardware) ?? {}),
      exits: counts(fields(totals.exits) ?? {}),
    },
  };
}

export function parseLogPosition(saved: unknown): LogPosition | undefined {
  const position = fields(saved);
  const name = text(position?.name);
  const offset = amount(position?.offset);
  return name === undefined || offset === undefined ? undefined : { name, offset };
}

function counts(record: Fields): Record<string, number> {
  return Object.fromEntries(
    Object.entries(record).filter((entry): entry is [string, number] => amount(entry[1]) !== undefined),
  );
}

function texts(value: unknown): string[] {
  return list(value).filter((one) => typeof one === 'string');
}
