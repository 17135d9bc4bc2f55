import type { Detail, SfuState } from './state.ts';

/** How many rows are turned into text at once: some ten kilobytes, well below a millisecond. */
const BATCH = 64;

/** A state as JSON in pieces, so that one with thousands of streams does not block the event loop at a stretch. */
export function* encodeState(state: SfuState): Generator<Uint8Array> {
  const { detail, ...bounded } = state;
  const lists = (Object.keys(detail) as (keyof Detail)[]).map((name) => [name, detail[name] ?? []] as const);
  yield Buffer.from(`${JSON.stringify(bounded).slice(0, -1)},"detail":{`);
  for (const [index, [name, rows]] of lists.entries()) {
    yield Buffer.from(`${index === 0 ? '' : ','}"${name}":`);
    yield* encodeList(rows);
  }
  yield Buffer.from('}}');
}

function* encodeList(rows: readonly unknown[]): Generator<Uint8Array> {
  let separator = '[';
  for (let from = 0; from < rows.length; from += BATCH) {
    const text = JSON.stringify(rows.slice(from, from + BATCH));
    yield Buffer.from(separator + text.slice(1, -1));
    separator = ',';
  }
  yield Buffer.from(rows.length === 0 ? '[]' : ']');
}

/** The same without what is undefined, which JSON would leave out and a comparison would not. */
export function omitUnknown<T extends object>(record: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as T;
}
