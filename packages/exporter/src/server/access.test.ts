import type { IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { Secret } from '../config/secrets.ts';
import { checkMetrics, checkReload, checkToken } from './access.ts';

const TOKEN = new Secret('0123456789abcdef');

function request(headers: Record<string, string>, remoteAddress = '192.0.2.7'): IncomingMessage {
  return { headers, socket: { remoteAddress } } as unknown as IncomingMessage;
}

test('the right token passes, whatever the case of the scheme', () => {
  expect(checkToken('Bearer 0123456789abcdef', TOKEN)).toEqual({ allowed: true });
  expect(checkToken('bearer 0123456789abcdef', TOKEN)).toEqual({ allowed: true });
});

test('no token, a malformed header and a wrong token are told apart', () => {
  expect(checkToken(undefined, TOKEN)).toMatchObject({ status: 401, challenge: 'Bearer realm="media-exporter"' });
  for (const header of ['Basic YTpi', 'Bearer', 'Bearer a b', 'Bearer  x', 'Bearer ä']) {
    expect(checkToken(header, TOKEN), header).toMatchObject({ status: 400 });
  }
  expect(checkToken('Bearer 0123456789abcdee', TOKEN)).toMatchObject({
    status: 401,
    challenge: 'Bearer realm="media-exporter", error="invalid_token"',
  });
});

test('metrics that are open need no token', () => {
  expect(checkMetrics(request({}), true, TOKEN).allowed).toBe(true);
  expect(checkMetrics(request({}), false, TOKEN).allowed).toBe(false);
  expect(checkMetrics(request({}), false, undefined).allowed).toBe(false);
  expect(checkMetrics(request({ authorization: 'Bearer 0123456789abcdef' }), false, TOKEN).allowed).toBe(true);
});

test('a reload is for this machine, or for who has the token', () => {
  for (const address of ['127.0.0.1', '::1', '::ffff:127.0.0.1']) {
    expect(checkReload(request({}, address), TOKEN).allowed, address).toBe(true);
  }
  expect(checkReload(request({}), TOKEN)).toMatchObject({ status: 401 });
  expect(checkReload(request({}), undefined)).toMatchObject({ status: 403 });
  expect(checkReload(request({ authorization: 'Bearer 0123456789abcdef' }), TOKEN).allowed).toBe(true);
});

test('a reload is for who has shown a password, but not for a page of another site that a browser adds it for', () => {
  expect(checkReload(request({}), undefined, true).allowed).toBe(true);
  expect(checkReload(request({ 'x-forwarded-for': '192.0.2.1' }), undefined, true).allowed).toBe(true);
  expect(checkReload(request({ origin: 'https://evil.example' }), undefined, true)).toMatchObject({ status: 403 });
});

test('what a proxy or a page of another site sends does not come from this machine', () => {
  const foreign = [
    { 'x-forwarded-for': '192.0.2.1' },
    { forwarded: 'for=192.0.2.1' },
    { via: '1.1 proxy' },
    { origin: 'https://evil.example' },
    { 'sec-fetch-site': 'cross-site' },
  ];
  for (const headers of foreign) {
    expect(checkReload(request(headers as Record<string, string>, '127.0.0.1'), undefined)).toMatchObject({
      status: 403,
    });
  }
  expect(checkReload(request({ 'sec-fetch-site': 'none' }, '127.0.0.1'), undefined).allowed).toBe(true);
});
