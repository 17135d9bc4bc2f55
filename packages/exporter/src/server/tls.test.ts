import { readFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { encryptWith } from './tls.ts';

const pem = (name: string): string => readFileSync(new URL(`../../testdata/tls/${name}`, import.meta.url), 'utf8');

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
