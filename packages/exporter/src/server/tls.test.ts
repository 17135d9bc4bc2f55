import { readFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { ManualClock } from '@media-exporter/metrics/testing';
import { expect, test } from 'vitest';
import { listen } from './listener.ts';
import { encryptWith } from './tls.ts';

const pem = (name: string): string => readFileSync(new URL(`../../testdata/tls/${name}`, import.meta.url), 'utf8');

/** Listens with TLS, and answers what comes back over a plain connection that `bytes` are sent on. */
async function speakPlainly(bytes: string): Promise<string> {
  const context = { cert: pem('server.pem'), key: pem('server.key') };
  const encrypt = encryptWith({ context, clientAuth: 'NoClientCert', allowedSans: undefined });
  const listener = await listen({ host: '127.0.0.1', port: 0 }, () => {}, new ManualClock(), encrypt);
  const { port } = new URL(`http://${listener.address}`);
  // One that does not hang up by itself must not hold up the close.
  const client = connect({ port: Number(port), host: '127.0.0.1', allowHalfOpen: true }, () => client.write(bytes));
  let text = '';
  for await (const chunk of client.setEncoding('utf8')) text += chunk;
  await listener.close(0);
  client.destroy();
  return text;
}

test('who speaks plain HTTP is told to speak HTTPS, and the connection ends', async () => {
  const answer = await speakPlainly('GET /metrics HTTP/1.1\r\nhost: here\r\n\r\n');
  expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
  expect(answer).toMatch(/\r\n\r\nThis port speaks HTTPS: /);
});

test('who speaks something else is told nothing', async () => {
  expect(await speakPlainly('SSH-2.0-OpenSSH_9.6\r\n')).not.toContain('HTTP');
});

test('a connection whose client never shakes hands is cut when the server closes', async () => {
  const context = { cert: pem('server.pem'), key: pem('server.key') };
  const encrypt = encryptWith({ context, clientAuth: 'NoClientCert', allowedSans: undefined });
  const encrypted = encrypt(() => {
    throw new Error('served');
  });
  const server = createServer();
  const accepted = new Promise<Socket>((resolve) => server.once('connection', resolve));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1').on('error', () => {});
  const socket = await accepted;
  encrypted.accept(socket);
  encrypted.close();
  expect(socket.destroyed).toBe(true);
  client.destroy();
  server.close();
});
