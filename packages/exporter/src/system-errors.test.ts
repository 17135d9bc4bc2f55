import { expect, test } from 'vitest';
import { explainConnectionError, explainFileError, explainListenError, isCertificateError } from './system-errors.ts';

const failure = (code: string): Error => Object.assign(new Error('/secret/path'), { code });

test('what the system reports is told in words', () => {
  expect(explainFileError(failure('ENOENT'))).toBe('does not exist');
  expect(explainFileError(failure('EISDIR'))).toBe('is a folder');
  expect(explainConnectionError(failure('UND_ERR_SOCKET'))).toBe('the server broke the connection (UND_ERR_SOCKET)');
  expect(explainListenError(failure('EADDRINUSE'))).toBe('another program listens there (EADDRINUSE)');
});

test('of several addresses that failed, the first one tells why', () => {
  const error = new AggregateError([failure('ECONNREFUSED'), failure('ENETUNREACH')]);
  expect(explainConnectionError(error)).toContain('refused');
});

test('what is not known is told by its code, and never by its message', () => {
  for (const explain of [explainFileError, explainConnectionError, explainListenError]) {
    expect(explain(failure('EODD'))).toContain('EODD');
    expect(explain(failure('EODD'))).not.toContain('/secret');
    for (const odd of [undefined, null, 'text', 3, {}]) expect(explain(odd)).toContain('failed');
  }
});

test.each(['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'ERR_TLS_CERT_ALTNAME_INVALID'])(
  '%s is the fault of a certificate, and told in words',
  (code) => {
    expect(isCertificateError(failure(code))).toBe(true);
    expect(explainConnectionError(failure(code))).toMatch(/^the certificate of the server /);
  },
);

test('a certificate that fails for a rarer reason is told by its code', () => {
  expect(isCertificateError(failure('CERT_CHAIN_TOO_LONG'))).toBe(true);
  expect(explainConnectionError(failure('CERT_CHAIN_TOO_LONG'))).toBe(
    'the certificate of the server cannot be verified (CERT_CHAIN_TOO_LONG)',
  );
});

test('a server that is down, or does not speak TLS at all, says nothing of its certificate', () => {
  for (const code of ['ECONNREFUSED', 'ERR_SSL_WRONG_VERSION_NUMBER', 'EODD']) {
    expect(isCertificateError(failure(code))).toBe(false);
  }
});
