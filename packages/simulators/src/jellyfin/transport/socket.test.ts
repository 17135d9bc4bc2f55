import { once } from 'node:events';
import { ManualClock } from '@media-exporter/metrics/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { SimulatedJellyfin } from '../index.ts';

interface Message {
  readonly MessageType: string;
  readonly Data?: unknown;
}

let clock: ManualClock;
let jellyfin: SimulatedJellyfin;

beforeEach(async () => {
  clock = new ManualClock();
  jellyfin = new SimulatedJellyfin({ clock });
  await jellyfin.listen();
});

afterEach(() => jellyfin.close());

/** A listener that takes one message after another. */
async function connect(query = `ApiKey=${jellyfin.token}`): Promise<{ socket: WebSocket; next(): Promise<Message> }> {
  const socket = new WebSocket(`${jellyfin.url.replace('http', 'ws')}/socket?${query}`);
  const messages: Message[] = [];
  const waiting: ((message: Message) => void)[] = [];
  socket.on('message', (data) => {
    const message = JSON.parse(String(data)) as Message;
    const first = waiting.shift();
    if (first === undefined) messages.push(message);
    else first(message);
  });
  await once(socket, 'open');
  const next = (): Promise<Message> => {
    const message = messages.shift();
    return message === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(message);
  };
  return { socket, next };
}

async function sessions(): Promise<readonly Record<string, unknown>[]> {
  const answer = await fetch(`${jellyfin.url}/Sessions?ApiKey=${jellyfin.token}`);
  return (await answer.json()) as readonly Record<string, unknown>[];
}

/** What was sent before has been heard when its answer is there. */
async function subscribe(
  { socket, next }: { socket: WebSocket; next(): Promise<Message> },
  type: string,
): Promise<void> {
  socket.send(JSON.stringify({ MessageType: type, Data: '0,1500' }));
  socket.send(JSON.stringify({ MessageType: 'KeepAlive' }));
  while ((await next()).MessageType !== 'KeepAlive');
}

test('a listener is told at once how often it must say that it lives, and is a session of nobody', async () => {
  const { socket, next } = await connect();
  expect(await next()).toMatchObject({ MessageType: 'ForceKeepAlive', Data: 60 });
  expect(await sessions()).toMatchObject([{ UserId: '0'.repeat(32), DeviceName: 'Jellyfin Server' }]);
  socket.close();
  await once(socket, 'close');
  expect(await sessions()).toEqual([]);
});

test('sessions come whole with each report, and the activity log as an empty hint', async () => {
  const listener = await connect();
  await subscribe(listener, 'SessionsStart');
  await subscribe(listener, 'ActivityLogEntryStart');
  jellyfin.play({ user: 'marta' });
  const types = new Set<string>();
  let last: Message = { MessageType: '' };
  while (!(types.has('Sessions') && types.has('ActivityLogEntry'))) {
    last = await listener.next();
    types.add(last.MessageType);
    if (last.MessageType === 'ActivityLogEntry') expect(last.Data).toEqual([]);
  }
  listener.socket.terminate();
});

test('who says nothing is reminded, then hears nothing more, and its session stays', async () => {
  const { socket, next } = await connect();
  await next();
  clock.advance(48_000);
  expect(await next()).toMatchObject({ MessageType: 'ForceKeepAlive' });
  clock.advance(12_000);
  expect(jellyfin.listeners).toBe(0);
  expect(socket.readyState).toBe(WebSocket.OPEN);
  expect(await sessions()).toMatchObject([{ IsActive: false }]);
});

test('a listener without a good token is turned away with 403', async () => {
  const socket = new WebSocket(`${jellyfin.url.replace('http', 'ws')}/socket?api_key=${jellyfin.token}`);
  const [, response] = (await once(socket, 'unexpected-response')) as [unknown, { statusCode: number }];
  expect(response.statusCode).toBe(403);
});
