import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { ManualClock } from '@media-exporter/metrics/testing';
import { afterEach, expect, test } from 'vitest';
import { parseSourceUrl, type SourceUrl } from '../../config/url.ts';
import { HttpClient, type Parsed, type TlsOptions } from './http.ts';
import { tlsOptions } from './tls.ts';

const pem = (name: string): string => readFileSync(new URL(`../../../testdata/tls/${name}`, import.meta.url), 'utf8');
const AUTHORITY = pem('authority.pem');
const NAME = 'media.test';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** Asks a server whose certificate is that of `media.test`, by its address. */
async function ask(tls: TlsOptions): Promise<string> {
  const server = createServer({ key: pem('server.key'), cert: pem('server.pem') }, (_, response) => response.end('ok'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => server.close());
  const client = new HttpClient({
    url: parseSourceUrl(`https://127.0.0.1:${(server.address() as AddressInfo).port}`) as SourceUrl,
    secret: undefined,
    timeout: 5,
    maxBytes: 1_000,
    clock: new ManualClock(),
    random: () => 0,
    onRequest: () => {},
    tls,
  });
  closers.push(() => client.close());
  return client.get('/', (body): Parsed<string> => ({ ok: true, value: body }));
}

test('a certificate is trusted by its authority and the name that is expected', async () => {
  expect(await ask({ ca: AUTHORITY, servername: NAME })).toBe('ok');
});

test.each<[string, TlsOptions, string]>([
  ['of an unknown authority', { servername: NAME }, 'signed by an authority that is not known here'],
  ['for another name', { ca: AUTHORITY }, 'the certificate of the server is for another name'],
])('a certificate %s is refused', async (_, tls, text) => {
  const error = await ask(tls).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'MX_UPSTREAM_TLS', message: expect.stringContaining(text) });
  // What can be done about it, and in the drop-in mode too.
  for (const advice of ['tls.ca_file', 'tls.servername', 'tls.insecure_skip_verify', 'SKIP_TLS_VERIFICATION']) {
    expect(error).toMatchObject({ message: expect.stringContaining(advice) });
  }
});

test('any certificate will do where that is said', async () => {
  expect(await ask({ insecure: true })).toBe('ok');
});

test('what the configuration says becomes what the client needs', () => {
  expect(tlsOptions({ insecure_skip_verify: false }, undefined)).toEqual({ insecure: false });
  expect(tlsOptions({ insecure_skip_verify: true, servername: NAME, ca_file: '/ca' }, AUTHORITY)).toEqual({
    insecure: true,
    servername: NAME,
    ca: AUTHORITY,
  });
});
