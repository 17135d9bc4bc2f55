import { tooLarge } from './request-error.ts';

/** How far a request has come: the status as soon as it was answered, and the bytes of the body so far. */
export interface Progress {
  status?: number;
  bytes: number;
}

/** Hands on a body and counts its bytes; fails with `MX_UPSTREAM_TOO_LARGE` when there are more than `most`. */
export async function* count(
  body: AsyncIterable<Uint8Array>,
  endpoint: string,
  most: number,
  progress: Progress,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of body) {
    progress.bytes += chunk.length;
    if (progress.bytes > most) throw tooLarge(endpoint, most);
    yield chunk;
  }
}
