import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { readSecret, readSourceSecret, readToken, Secret, type SecretPlaces } from './secrets.ts';

const places = (files: Record<string, string>, env: Record<string, string> = {}): SecretPlaces => ({
  env,
  async readFile(path) {
    const text = files[path];
    if (text === undefined) throw Object.assign(new Error('no such file'), { code: 'ENOENT' });
    return text;
  },
});

test('a secret does not show itself', () => {
  const secret = new Secret('hunter2');
  const shown = [`${secret}`, JSON.stringify({ secret }), inspect({ secret }), inspect(secret, { showHidden: true })];
  for (const text of shown) expect(text).not.toContain('hunter2');
  expect(secret.reveal()).toBe('hunter2');
});

test('a secret is told apart from others by its fingerprint, and compared in full', () => {
  expect(new Secret('a').fingerprint()).toBe(new Secret('a').fingerprint());
  expect(new Secret('a').fingerprint()).not.toBe(new Secret('b').fingerprint());
  expect(new Secret('abc').equals('abc')).toBe(true);
  for (const other of ['abd', 'ab', 'abcd', '']) expect(new Secret('abc').equals(other)).toBe(false);
});

test('a secret is the value, the first line of the file, or the variable', async () => {
  const world = places({ '/s': ' from-file \nsecond line\n' }, { S: 'from-env' });
  const read = async (fields: object): Promise<string | undefined> => (await readSecret(fields, 'x', world))?.reveal();
  expect(await read({ value: 'itself' })).toBe('itself');
  expect(await read({ file: '/s' })).toBe('from-file');
  expect(await read({ env: 'S' })).toBe('from-env');
  expect(await read({})).toBeUndefined();
});

test('a secret that is not there is told by its place', async () => {
  const world = places({ '/empty': '\n' });
  await expect(readSecret({ file: '/none' }, 'x', world)).rejects.toMatchObject({ code: 'MX_SECRET_FILE' });
  await expect(readSecret({ file: '/empty' }, 'x', world)).rejects.toMatchObject({ code: 'MX_SECRET_FILE' });
  await expect(readSecret({ env: 'NONE' }, 'x', world)).rejects.toMatchObject({ code: 'MX_SECRET_ENV' });
});

test('a secret that was pasted in the place of its file or variable is not shown', async () => {
  const secret = 'hunter2leak';
  const failures = [readSecret({ file: secret }, 'x', places({})), readSecret({ env: secret }, 'x', places({}))];
  for (const failure of failures) await expect(failure).rejects.not.toThrow(/hunter2leak/);
  await expect(readToken(secret, places({}))).rejects.not.toThrow(/hunter2leak/);
});

test('a secret of a source that no header can carry is refused, without showing it', async () => {
  const world = places({ '/good': 'abc', '/odd': 'line break\u20ac' }, { ODD: 'line\nbreak' });
  expect((await readSourceSecret({ file: '/good' }, 'x', world))?.reveal()).toBe('abc');
  for (const fields of [{ value: 'a break' }, { file: '/odd' }, { env: 'ODD' }]) {
    await expect(readSourceSecret(fields, 'x', world)).rejects.toMatchObject({ code: 'MX_SECRET_FORM' });
    await expect(readSourceSecret(fields, 'x', world)).rejects.not.toThrow(/break/);
  }
});

test('a token that is short or cannot be sent is refused, without showing it', async () => {
  const world = places({ '/good': 'abcdefghijklmnop\n', '/short': 'abc', '/odd': 'abcdefghij klmnopq' });
  expect((await readToken('/good', world)).reveal()).toBe('abcdefghijklmnop');
  for (const file of ['/short', '/odd']) {
    await expect(readToken(file, world)).rejects.toMatchObject({ code: 'MX_TOKEN_WEAK' });
    await expect(readToken(file, world)).rejects.not.toThrow(/abc/);
  }
  await expect(readToken('/short', world)).rejects.toThrow('shorter than 16 characters');
  await expect(readToken('/odd', world)).rejects.toThrow('characters that a header cannot carry');
});
