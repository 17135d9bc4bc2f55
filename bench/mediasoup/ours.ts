import { Writable } from 'node:stream';
import { observe, type SfuObserver, seedFamilies } from '@media-exporter/mediasoup';
import { BufferPool, encode, Registry, systemClock, TEXT_0_0_4, writePieces } from '@media-exporter/metrics';

/** Observes as the drop-in set needs it: the thirteen labels of each stream, a poll for each scrape. */
export function observeAll(mediasoup: Parameters<typeof observe>[0]): SfuObserver {
  return observe(mediasoup, {
    sets: ['seed'],
    detail: { rooms: true, streams: true },
    period: 0,
    peerInfo: () => ({
      displayName: 'A participant',
      userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
    }),
  });
}

/**
 * A whole poll, and all its metrics written as text.
 *
 * @returns the length of the text
 */
export async function scrapeOurs(observer: SfuObserver, registry: Registry): Promise<number> {
  await observer.poll();
  const { families } = await registry.gather();
  let length = 0;
  const sink = new Writable({
    write(chunk: Uint8Array, _, done) {
      length += chunk.length;
      done();
    },
  });
  const pool = new BufferPool();
  await writePieces(encode(families, TEXT_0_0_4, pool), sink, pool, systemClock);
  return length;
}

/**
 * What the observer renders, without the poll that its own `collect` starts when one is due: with a period of 0 each
 * scrape would poll twice. No budget: all series are rendered, as the plain way does.
 */
export function registryOf(observer: SfuObserver): Registry {
  const registry = new Registry({ seriesBudget: Number.MAX_SAFE_INTEGER });
  const { name, catalogue } = observer;
  registry.register({ name, catalogue, collect: () => seedFamilies(observer.state(), { prefix: 'Ejtimaa_' }) });
  return registry;
}
