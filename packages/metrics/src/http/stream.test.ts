import { PassThrough, Writable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { BufferPool } from '../encode/output.ts';
import { SLICE_MS } from '../slices.ts';
import { ManualClock } from '../testing/clock.ts';
import { writePieces } from './stream.ts';

describe('writePieces', () => {
  it.each([
    ['takes everything at once', (done: () => void) => done()],
    ['is full after each piece, and drains before the event loop turns', (done: () => void) => process.nextTick(done)],
  ])('never works longer than a slice before the event loop turns, when the stream %s', async (_title, write) => {
    const clock = new ManualClock();
    // The work of a piece takes time; a turn of the event loop between two pieces ends the slice.
    const slices: number[] = [0];
    let watching = true;
    const watch = (): void => {
      slices.push(0);
      if (watching) setImmediate(watch);
    };
    setImmediate(watch);
    function* pieces(): Generator<Uint8Array> {
      for (let i = 0; i < 500; i++) {
        const work = 0.1 + (i % 14) / 10;
        clock.advance(work);
        slices[slices.length - 1] = (slices.at(-1) as number) + work;
        yield new Uint8Array(10);
      }
    }
    const sink = new Writable({ highWaterMark: 1, write: (_piece, _encoding, done) => write(done) });
    await writePieces(pieces(), sink, new BufferPool(), clock);
    watching = false;
    expect(Math.max(...slices)).toBeLessThanOrEqual(SLICE_MS);
    expect(slices.filter((slice) => slice > 0).length).toBeGreaterThan(100);
  });

  it('waits while the stream is full, so that memory does not grow with a slow reader', async () => {
    const stream = new PassThrough({ highWaterMark: 100 });
    let made = 0;
    function* pieces(): Generator<Uint8Array> {
      for (; made < 1000; made++) yield new Uint8Array(50);
    }
    const written = writePieces(pieces(), stream, new BufferPool(), new ManualClock());
    await turn();
    expect(made).toBeLessThan(10);
    stream.resume();
    await written;
    expect(made).toBe(1000);
  });

  it('stops when the reader goes away', async () => {
    const stream = new PassThrough({ highWaterMark: 100 });
    let made = 0;
    function* endless(): Generator<Uint8Array> {
      for (;;) {
        made++;
        yield new Uint8Array(50);
      }
    }
    const written = writePieces(endless(), stream, new BufferPool(), new ManualClock());
    await turn();
    stream.destroy();
    await written;
    expect(made).toBeLessThan(10);
  });
});
