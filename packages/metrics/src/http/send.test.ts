import { createServer, get, type IncomingMessage, type RequestOptions, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { defineMetric } from '../metric.ts';
import { SeriesSet } from '../series.ts';
import { parseProtobuf } from '../testing/parse-protobuf.ts';
import { parseOpenMetrics, parseText } from '../testing/parse-text.ts';
import { sendExposition } from './send.ts';

const BYTES = defineMetric({ name: 'stream_bytes_total', type: 'counter', help: 'Bytes.', labels: { id: 'public' } });
const SERIES = 20_000;

let server: Server;

beforeEach(async () => {
  const set = new SeriesSet(BYTES);
  for (let i = 0; i < SERIES; i++) set.add({ id: `stream-${i}` }, i);
  server = createServer((request, response) => {
    void sendExposition({ families: [{ metric: BYTES, samples: set }] }, request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

afterEach(() => {
  server.closeAllConnections();
  server.close();
});

function request(options: RequestOptions): Promise<{ response: IncomingMessage; body: Buffer }> {
  const { port } = server.address() as AddressInfo;
  return new Promise((resolve, reject) => {
    get({ port, host: '127.0.0.1', agent: false, ...options }, (response) => {
      const pieces: Buffer[] = [];
      response.on('data', (piece: Buffer) => pieces.push(piece));
      response.on('end', () => resolve({ response, body: Buffer.concat(pieces) }));
    }).on('error', reject);
  });
}

describe('sendExposition', () => {
  it('sends every sample, in text', async () => {
    const { response, body } = await request({});
    expect(response.statusCode).toBe(200);
    expect(response.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8; escaping=underscores');
    expect(parseText(body.toString())[0]?.samples).toHaveLength(SERIES);
  });

  it('compresses when asked to', async () => {
    const { response, body } = await request({ headers: { 'accept-encoding': 'gzip' } });
    expect(response.headers['content-encoding']).toBe('gzip');
    expect(parseText(gunzipSync(body).toString())[0]?.samples).toHaveLength(SERIES);
  });

  it('speaks OpenMetrics and protobuf', async () => {
    const text = await request({ headers: { accept: 'application/openmetrics-text;version=1.0.0' } });
    expect(parseOpenMetrics(text.body.toString())[0]?.samples).toHaveLength(SERIES);
    const accept = 'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited';
    const binary = await request({ headers: { accept, 'accept-encoding': 'gzip' } });
    expect(parseProtobuf(gunzipSync(binary.body))[0]?.samples).toHaveLength(SERIES);
  });

  it('answers HEAD with headers alone', async () => {
    const { response, body } = await request({ method: 'HEAD' });
    expect(response.statusCode).toBe(200);
    expect(response.headers['content-type']).toContain('text/plain');
    expect(body).toHaveLength(0);
  });

  it.each(['identity', 'gzip'])('ends when the client went away before the first byte (%s)', async (encoding) => {
    const sent = Promise.withResolvers<void>();
    const gone = Promise.withResolvers<void>();
    server.removeAllListeners('request');
    server.on('request', (request, response) => {
      const samples = Array.from({ length: SERIES }, (_, i) => ({ labels: [`${i}`], value: i }));
      response.once('close', () => {
        sendExposition({ families: [{ metric: BYTES, samples }] }, request, response).then(sent.resolve, sent.reject);
      });
      gone.resolve();
    });
    const { port } = server.address() as AddressInfo;
    const leaving = get({ port, host: '127.0.0.1', agent: false, headers: { 'accept-encoding': encoding } });
    leaving.on('error', () => undefined);
    await gone.promise;
    leaving.destroy();
    await sent.promise;
  });

  it('survives a client that goes away in the middle', async () => {
    const { port } = server.address() as AddressInfo;
    await new Promise<void>((resolve) => {
      const leaving = get(
        { port, host: '127.0.0.1', agent: false, headers: { 'accept-encoding': 'gzip' } },
        (response) => {
          response.once('data', () => leaving.destroy());
          response.on('error', () => undefined);
        },
      );
      leaving.on('error', () => undefined);
      leaving.on('close', resolve);
    });
    const { body } = await request({});
    expect(parseText(body.toString())[0]?.samples).toHaveLength(SERIES);
  });
});
