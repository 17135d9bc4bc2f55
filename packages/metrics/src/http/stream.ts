import type { Writable } from 'node:stream';
import type { Clock } from '../clock.ts';
import type { BufferPool } from '../encode/output.ts';
import { Slicer } from '../slices.ts';

/**
 * Writes pieces to a stream: waits while the stream is full, and lets the event loop turn by the clock, because a
 * stream that takes everything at once would never make us wait. Resolves once all is written or the stream was closed.
 */
export async function writePieces(
  pieces: Iterable<Uint8Array>,
  stream: Writable,
  pool: BufferPool,
  clock: Clock,
): Promise<void> {
  const slicer = new Slicer(clock);
  for (const piece of pieces) {
    if (stream.destroyed) return;
    const flows = stream.write(piece, () => pool.give(piece));
    if (!flows) await drained(stream);
    // A socket that took everything at once drains before the event loop turns: waiting for it is no rest.
    if (slicer.spent) await slicer.rest();
  }
}

function drained(stream: Writable): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      stream.off('drain', done);
      stream.off('close', done);
      resolve();
    };
    stream.on('drain', done);
    stream.on('close', done);
    if (stream.destroyed) done();
  });
}
