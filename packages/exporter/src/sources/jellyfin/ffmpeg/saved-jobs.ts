import { amount, type Fields, fields, list } from '../parse/json.ts';
import type { SavedJobs } from './transcode-jobs.ts';

/** What was kept of the logs; `undefined` for what cannot be read, and then everything begins anew. */
export function parseSavedJobs(saved: unknown): SavedJobs | undefined {
  const known = fields(saved);
  const totals = fields(known?.totals);
  const jobs = fields(totals?.jobs);
  const failures = amount(totals?.failures);
  if (known === undefined || totals === undefined || jobs === undefined || failures === undefined) return undefined;
  const { transcode, directstream, remux } = counts(jobs);
  return {
    since: amount(known.since) ?? 0,
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

function counts(record: Fields): Record<string, number> {
  return Object.fromEntries(
    Object.entries(record).filter((entry): entry is [string, number] => amount(entry[1]) !== undefined),
  );
}

function texts(value: unknown): string[] {
  return list(value).filter((one) => typeof one === 'string');
}
