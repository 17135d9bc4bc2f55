import { get } from 'node:http';
import { connect } from 'node:net';
import { ManualClock } from '@media-exporter/metrics/testing';
import { expect, test } from 'vitest';
import { parseListenAddress } from '../config/address.ts';
import { type Encrypt, listen } from './listener.ts';
import { Listeners } from './listeners.ts';

const LOOPBACK = { host: '127.0.0.1', port: 0 };

function fetchText(address: string): Promise<string> {
  return new Promise((resolve, reject) => {
    get(`http://${address}/`, { agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => resolve(text)).on('error', reject);
    }).on('error', reject);
  });
}

test('an address that is taken, and one of another machine, are told apart', async () => {
  const clock = new ManualClock();
  const first = await listen(LOOPBACK, () => {}, clock);
  const taken = parseListenAddress(first.address) ?? LOOPBACK;
  await expect(listen(taken, () => {}, clock)).rejects.toMatchObject({ code: 'MX_LISTEN_IN_USE' });
  // TEST-NET-1 (RFC 5737) belongs to nobody.
  const foreign = { host: '192.0.2.1', port: 0 };
  await expect(listen(foreign, () => {}, clock)).rejects.toMatchObject({ code: 'MX_LISTEN_ADDRESS' });
  await first.close(0);
});

test('closing waits for a running answer, and ends an idle kept connection', async () => {
  const clock = new ManualClock();
  const gate = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  const handler = (_: unknown, response: { end(text: string): void }): void => {
    asked.resolve();
    void gate.promise.then(() => response.end('whole'));
  };
  const listener = await listen(LOOPBACK, handler, clock);
  const answer = fetchText(listener.address);
  await asked.promise;
  const closing = listener.close(5_000);
  gate.resolve();
  expect(await answer).toBe('whole');
  await closing;
  expect(clock.pending).toBe(0);
});

test('an answer that does not end is cut after the grace', async () => {
  const clock = new ManualClock();
  const asked = Promise.withResolvers<void>();
  const listener = await listen(LOOPBACK, () => asked.resolve(), clock);
  const answer = fetchText(listener.address).catch(() => 'cut');
  await asked.promise;
  const closing = listener.close(5_000);
  clock.advance(5_000);
  await closing;
  expect(await answer).toBe('cut');
});

test('addresses are opened all or none', async () => {
  const clock = new ManualClock();
  const listeners = new Listeners(() => {}, clock);
  await expect(listeners.open(['127.0.0.1:0', '192.0.2.1:0'])).rejects.toMatchObject({ code: 'MX_LISTEN_ADDRESS' });
  expect(listeners.addresses).toEqual([]);
  listeners.take(['127.0.0.1:0'], await listeners.open(['127.0.0.1:0', '127.0.0.1:0']));
  expect(listeners.addresses).toHaveLength(1);
  // What is open stays as it is.
  expect((await listeners.open(['127.0.0.1:0'])).size).toBe(0);
  await listeners.close();
  expect(listeners.addresses).toEqual([]);
});

/** Any way to encrypt: connections are cut at once. */
const CUT: Encrypt = () => ({ accept: (socket) => void socket.destroy(), close: () => {} });

test('a connection that was silent when TLS was switched on is cut with its first request, which nobody handles', async () => {
  let handled = 0;
  const count = (_: unknown, response: { end(text: string): void }): void => {
    handled += 1;
    response.end('answer');
  };
  const listener = await listen(LOOPBACK, count, new ManualClock());
  const { host, port } = parseListenAddress(listener.address) ?? LOOPBACK;
  const silent = connect(port, host);
  let text = '';
  const ended = new Promise<void>((resolve) => silent.once('close', () => resolve()));
  silent
    .on('error', () => {})
    .on('data', (data) => {
      text += data.toString();
    });
  await new Promise((resolve) => silent.once('connect', resolve));
  // A whole exchange on another connection: the silent one was accepted before.
  expect(await fetchText(listener.address)).toBe('answer');
  listener.secure(CUT);
  silent.write('GET / HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n');
  await ended;
  expect([text, handled]).toEqual(['', 1]);
  await listener.close(0);
});

test('what was opened answers with 503 until it is taken', async () => {
  const listeners = new Listeners((_, response) => void response.end('answer'), new ManualClock());
  const opened = await listeners.open(['127.0.0.1:0']);
  const [{ address } = { address: '' }] = opened.values();
  expect(await fetchText(address)).toBe('media-exporter does not serve this address yet.\n');
  listeners.take(['127.0.0.1:0'], opened);
  expect(await fetchText(address)).toBe('answer');
  await listeners.close();
});
