import type { types } from 'mediasoup';
import { Counter, Gauge, Registry } from 'prom-client';

const LABELS = [
  'pid',
  'room_id',
  'peer_id',
  'display_name',
  'user_agent',
  'transport_id',
  'proto',
  'local_addr',
  'remote_addr',
  'id',
  'kind',
  'codec',
  'type',
] as const;

/**
 * The way that comes to mind first: ask for everything at once, fill a new registry, render it.
 *
 * @returns the length of the text
 */
export async function scrapePlainly(consumers: readonly types.Consumer[]): Promise<number> {
  const answers = await Promise.all(
    consumers.map(async (consumer) => ({ consumer, stats: await consumer.getStats() })),
  );
  const registry = new Registry();
  const options = { registers: [registry], labelNames: LABELS };
  const bytes = new Counter({ ...options, name: 'mediasoup_consumer_byte_count_bytes', help: 'consumer.byteCount' });
  const scores = new Gauge({ ...options, name: 'mediasoup_consumer_score', help: 'consumer.score' });
  for (const { consumer, stats } of answers) {
    for (const stat of stats) {
      if (stat.type === 'inbound-rtp') continue;
      const labels = {
        pid: '1',
        room_id: 'bench',
        peer_id: 'bench',
        display_name: 'A participant',
        user_agent: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
        transport_id: consumer.id,
        proto: 'udp',
        local_addr: '127.0.0.1:40000',
        remote_addr: '127.0.0.1:40001',
        id: consumer.id,
        kind: stat.kind,
        codec: stat.mimeType.slice(stat.mimeType.indexOf('/') + 1),
        type: stat.type,
      };
      bytes.inc(labels, stat.byteCount);
      scores.set(labels, stat.score);
    }
  }
  return (await registry.metrics()).length;
}
