import { expect, test } from 'vitest';
import { type ErrorCode, ExporterError } from '../../errors.ts';
import { Lately } from './lately.ts';

test('what was told lately is not asked for again, and what is older is', async () => {
  const lately = new Lately<string>();
  let asked = 0;
  const ask = async (): Promise<string> => {
    asked += 1;
    return `answer ${asked}`;
  };
  expect(await lately.get(0, 100, ask)).toBe('answer 1');
  expect(await lately.get(100, 100, ask)).toBe('answer 1');
  expect(await lately.get(101, 100, ask)).toBe('answer 2');
});

test('what failed lately is not asked for again, except where the server was not there', async () => {
  const lately = new Lately<string>();
  const fail = (code: ErrorCode) => () => Promise.reject(new ExporterError({ code, detail: 'in the test' }));
  const connect = { code: 'MX_UPSTREAM_CONNECT' };
  await expect(lately.get(0, 100, fail('MX_UPSTREAM_CONNECT'))).rejects.toMatchObject(connect);
  const status = { code: 'MX_UPSTREAM_STATUS' };
  await expect(lately.get(0, 100, fail('MX_UPSTREAM_STATUS'))).rejects.toMatchObject(status);
  await expect(lately.get(100, 100, async () => 'answer')).rejects.toMatchObject(status);
  expect(await lately.get(101, 100, async () => 'answer')).toBe('answer');
});
