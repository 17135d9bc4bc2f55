import type { Parse, Parsed } from '../../http/http.ts';
import { type Json, record } from './json.ts';

/** Reads a body with what is in its `MediaContainer`. Total: what is no JSON of Plex is a problem that does not quote it. */
export function container<T>(read: (container: Json) => T | undefined): Parse<T> {
  return (body) => {
    let answer: unknown;
    try {
      answer = JSON.parse(body);
    } catch {
      return { ok: false, problem: nameBody(body) };
    }
    return within(answer, read);
  };
}

/** What is read of the `MediaContainer` of an answer. */
export function within<T>(answer: unknown, read: (container: Json) => T | undefined): Parsed<T> {
  const inner = record(record(answer)?.MediaContainer);
  const value = inner === undefined ? undefined : read(inner);
  return value === undefined ? { ok: false, problem: 'answered JSON that is not of Plex' } : { ok: true, value };
}

/** What came instead of JSON. */
export function nameBody(body: string): string {
  const start = body.slice(0, 200).trimStart();
  if (/^<(\?xml|MediaContainer|Response)\b/i.test(start)) {
    return 'answered XML instead of JSON: the server is too old, or a proxy takes the Accept header away';
  }
  return start.startsWith('<') ? 'answered HTML instead of JSON' : 'answered no valid JSON';
}
