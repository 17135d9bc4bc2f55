import { EntrySplitter } from '../../http/entries.ts';
import type { Parsed, ResponseHeaders } from '../../http/http.ts';
import { nameBody, within } from './body.ts';
import { type Json, record, records } from './json.ts';

/** An item has some ten kilobytes. */
const MOST_ITEM_BYTES = 1024 ** 2;

/** As many as the play tracker follows; more are not kept. */
const MOST = 10_000;

/** Reads one body as it comes. */
export interface ItemsReader<T> {
  push(chunk: Uint8Array): void;
  /** To be called after the last bytes. */
  end(headers: ResponseHeaders): Parsed<T>;
}

/**
 * Reads bodies whose `MediaContainer` may have many items in its `Metadata`: these are parsed one by one and reduced at
 * once. `conclude` has what became of them, and the container without them. Total, like {@link container}.
 */
export function items<I, T>(
  reduce: (item: Json) => I,
  conclude: (items: readonly I[], container: Json, headers: ResponseHeaders) => T | undefined,
): () => ItemsReader<T> {
  return () => {
    const kept: I[] = [];
    const take = (item: Json | undefined): void => {
      if (item !== undefined && kept.length < MOST) kept.push(reduce(item));
    };
    const options = { key: ['MediaContainer', 'Metadata'], maxEntryBytes: MOST_ITEM_BYTES };
    const splitter = new EntrySplitter(options, (entry) => take(record(entry)));
    return {
      push: (chunk) => splitter.push(chunk),
      end: (headers) => {
        const read = splitter.end();
        if (!read.ok) return { ok: false, problem: nameBody(splitter.beginning) };
        const { rest, skipped } = read.value;
        // Without it the others would seem to be all that there are.
        if (skipped > 0) return { ok: false, problem: `an item has more than ${MOST_ITEM_BYTES} bytes` };
        return within(rest, (container) => {
          // One that is not in a list.
          for (const item of records(container.Metadata)) take(item);
          return conclude(kept, container, headers);
        });
      },
    };
  };
}
