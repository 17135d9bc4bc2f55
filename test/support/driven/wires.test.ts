import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { Quiet } from './quiet.ts';

/** Turns of the event loop: many more than pass before it is called quiet. */
const MANY = 50;

async function turns(): Promise<void> {
  for (let turn = 0; turn < MANY; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** Both ends of a connection, and what the far one has been told. */
async function connection(event: 'data' | 'readable' = 'readable') {
  const server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const near = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const [far] = (await once(server, 'connection')) as [Socket];
  const quiet = new Quiet();
  onTestFinished(() => {
    quiet.close();
    near.destroy();
    far.destroy();
    server.close();
  });
  const told: string[] = [];
  const tell = (data: Buffer | null = far.read()): void => void (data === null || told.push(data.toString()));
  far.on(event, tell).on('end', () => told.push('end'));
  await quiet.settled();
  return { near, far, told, quiet };
}

/** The kernel gives this end nothing for many turns. */
function delay(socket: Socket): void {
  const { _handle: handle } = socket as unknown as { _handle: { readStop(): void; readStart(): void } };
  handle.readStop();
  void turns().then(() => handle.readStart());
}

const ACTS: readonly (readonly [string, string, (near: Socket) => void])[] = [
  ['what was written', 'hello', (near) => near.write('hello')],
  ['an end', 'end', (near) => near.end()],
  ['a connection that is closed', 'end', (near) => near.destroy()],
];
const READERS = ['data', 'readable'] as const;

test.each(ACTS.flatMap(([name, expected, act]) => READERS.map((reader) => [name, expected, reader, act] as const)))(
  '%s is waited for until the other end has it: %s, for a reader by %s',
  async (_, expected, reader, act) => {
    const { near, far, told, quiet } = await connection(reader);
    delay(far);
    act(near);
    await quiet.settled();
    expect(told).toEqual([expected]);
  },
);

test('what waits to be written is waited for', async () => {
  const { near, told, quiet } = await connection();
  const write = near._write.bind(near);
  near._write = (...args) => void turns().then(() => write(...args));
  near.write('hello');
  await quiet.settled();
  expect(told).toEqual(['hello']);
});

test('a reader that has paused is not waited for', async () => {
  const { near, far, told, quiet } = await connection('data');
  far.pause();
  near.write('hello');
  await quiet.settled();
  expect(told).toEqual([]);
});

test('files are waited for', async () => {
  const quiet = new Quiet();
  onTestFinished(() => quiet.close());
  let read = 0;
  const reading = (async () => {
    for (; read < MANY; read += 1) await stat(import.meta.filename);
  })();
  await quiet.settled();
  expect(read).toBe(MANY);
  await reading;
});
