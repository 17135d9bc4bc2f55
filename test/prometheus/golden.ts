import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What promtool says of the names that the seeds fixed, in order. */
export function seedComplaints(): string[] {
  return readList('contract-complaints.txt');
}

/** What promtool says of the names that the dashboard of edumeet's exporter asks for, in order. */
export function aggregatedComplaints(): string[] {
  return readList('aggregated-complaints.txt');
}

/** What promtool says of the vocabulary that all media servers share, in order. */
export function unifiedComplaints(): string[] {
  return readList('unified-complaints.txt');
}

function readList(name: string): string[] {
  const text = readFileSync(join(import.meta.dirname, name), 'utf8');
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}
