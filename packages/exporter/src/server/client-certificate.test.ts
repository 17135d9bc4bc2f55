import type { X509Certificate } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { ClientAuth } from '../config/web-file/names.ts';
import { admits, asksForCertificate, hasName } from './client-certificate.ts';

const certificate = (subjectAltName: string | undefined, ip?: string): X509Certificate =>
  ({ subjectAltName, checkIP: (asked: string) => (asked === ip ? asked : undefined) }) as unknown as X509Certificate;

const KNOWN = certificate('DNS:scraper.test');

describe('a client', () => {
  const cases: [ClientAuth, without: boolean, unverified: boolean, verified: boolean][] = [
    ['NoClientCert', true, true, true],
    ['RequestClientCert', true, true, true],
    ['RequireAnyClientCert', false, true, true],
    ['RequireClientCert', false, true, true],
    ['VerifyClientCertIfGiven', true, false, true],
    ['RequireAndVerifyClientCert', false, false, true],
  ];
  test.each(cases)('where the way is %s', (clientAuth, ...expected) => {
    const wanted = { clientAuth, allowedSans: undefined };
    const admitted = (shown: X509Certificate | undefined, authorized: boolean): boolean =>
      admits(wanted, { authorized, getPeerX509Certificate: () => shown });
    // A session of TLS 1.3 that is resumed counts as authorized without a certificate.
    expect([admitted(undefined, true), admitted(KNOWN, false), admitted(KNOWN, true)]).toEqual(expected);
    expect(asksForCertificate(wanted)).toBe(clientAuth !== 'NoClientCert');
  });

  test('may speak with a certificate for one of the names only, where names are given', () => {
    const wanted = { clientAuth: 'RequireAndVerifyClientCert', allowedSans: ['a.test', 'scraper.test'] } as const;
    const admitted = (shown: X509Certificate): boolean =>
      admits(wanted, { authorized: true, getPeerX509Certificate: () => shown });
    expect(admitted(KNOWN)).toBe(true);
    expect(admitted(certificate('DNS:other.test'))).toBe(false);
    expect(admitted(certificate(undefined))).toBe(false);
  });
});

test('names of each kind are found, as they are written', () => {
  const shown = certificate('DirName:CN=evil, DNS:a.test, DNS:*.b.test, email:me@c.test, URI:spiffe://d/e', '::1');
  for (const name of ['a.test', '*.b.test', 'me@c.test', 'spiffe://d/e', '::1']) {
    expect(hasName(shown, [name]), name).toBe(true);
  }
  for (const name of ['A.test', 'x.b.test', 'evil', 'CN=evil', '127.0.0.1', '']) {
    expect(hasName(shown, [name]), name).toBe(false);
  }
});

test('a name cannot hide in another', () => {
  // Node.js writes a name with special characters as JSON.
  const shown = certificate('URI:"http://a/\\u002c DNS:hidden.test", DNS:good.test');
  expect(hasName(shown, ['hidden.test'])).toBe(false);
  expect(hasName(shown, ['good.test'])).toBe(true);
  expect(hasName(shown, ['http://a/, DNS:hidden.test'])).toBe(true);
});

test('what cannot be read has no names', () => {
  expect(hasName(certificate('URI:"open, DNS:good.test'), ['good.test'])).toBe(false);
});
