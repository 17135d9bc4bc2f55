import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What promtool says of the names that the seeds fixed, in order. */
export function seedComplaints(): string[] {
  const text = readFileSync(join(import.meta.dirname, 'contract-complaints.txt'), 'utf8');
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}
