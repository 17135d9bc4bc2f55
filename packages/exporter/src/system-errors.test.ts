import { expect, test } from 'vitest';
import { explainConnectionError, explainFileError, explainListenError } from './system-errors.ts';

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
