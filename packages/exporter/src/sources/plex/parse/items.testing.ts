import type { Parse } from '../../http/http.ts';
import type { ItemsReader } from './items.ts';

/** Reads bodies that are there as a whole in small chunks. */
export function inChunks<T>(begin: () => ItemsReader<T>): Parse<T> {
  return (body, headers) => {
    const reader = begin();
    const bytes = Buffer.from(body);
    for (let at = 0; at < bytes.length; at += 100) reader.push(bytes.subarray(at, at + 100));
    return reader.end(headers);
  };
}
