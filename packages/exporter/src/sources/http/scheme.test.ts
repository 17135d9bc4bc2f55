import { readFileSync } from 'node:fs';
import { createServer as createPlainServer } from 'node:http';
import { createServer, type Server } from 'node:https';
import { expect, test } from 'vitest';
import { answering, connect, open, speaking, whole } from './client.testing.ts';

const pem = (name: string): string => readFileSync(new URL(`../../../testdata/tls/${name}`, import.meta.url), 'utf8');

const withTls = (): Server => createServer({ key: pem('server.key'), cert: pem('server.pem') });
const askedWith = (scheme: string): string => `should the URL begin with ${scheme}://?`;

/** What is told of a server that is asked for the first time. */
async function faultOf(url: string): Promise<string> {
  const error = await connect(url)
    .client.get('/', whole)
    .catch((thrown: unknown) => thrown);
  return String(error);
}

test('http:// to a port that speaks TLS asks for https://', async () => {
  expect(await faultOf(await open(withTls()))).toContain(askedWith('https'));
});

test('https:// to a port that speaks plain HTTP asks for http://', async () => {
  const url = await open(createPlainServer());
  expect(await faultOf(url.replace('http:', 'https:'))).toContain(askedWith('http'));
});

test.each([
  ['a TLS alert', Buffer.from([0x15, 3, 1, 0, 2, 2, 70])],
  ['nothing', Buffer.alloc(0)],
  ['a 400', Buffer.from('HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n')],
])('http:// that is answered with %s asks for https://', async (_, bytes) => {
  expect(await faultOf(await speaking((socket) => socket.end(bytes)))).toContain(askedWith('https'));
});

test('https:// whose connection is closed at once asks for http://', async () => {
  const url = await speaking((socket) => socket.destroy());
  expect(await faultOf(url.replace('http:', 'https:'))).toContain(askedWith('http'));
});

test('a server that was heard is not doubted when it breaks off', async () => {
  let broken = false;
  const url = await answering((request, response) => {
    if (broken) request.socket.destroy();
    else response.end('ok');
  });
  const { client } = connect(url);
  await client.get('/', whole);
  broken = true;
  const error = await client.get('/', whole).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'MX_UPSTREAM_CONNECT', message: expect.not.stringContaining('should the URL') });
});

test('what has another reason is told without the question', async () => {
  expect(await faultOf('http://127.0.0.1:1')).not.toContain('should the URL');
  const refusing = await answering((_, response) => response.writeHead(401).end());
  expect(await faultOf(refusing)).not.toContain('should the URL');
});
