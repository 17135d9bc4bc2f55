import { expect, test } from 'vitest';
import { type ErrorCode, ExporterError } from '../../../errors.ts';
import { UndeliveredError } from '../../http/request-error.ts';
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

test('what failed lately is not asked for again, unless that is asked for and it was not delivered', async () => {
  const lately = new Lately<string>();
  const connect = { code: 'MX_UPSTREAM_CONNECT' } as const;
  const undelivered = () => Promise.reject(new UndeliveredError({ ...connect, detail: 'in the test' }));
  await expect(lately.get(0, 100, undelivered)).rejects.toMatchObject(connect);
  await expect(lately.get(100, 100, async () => 'answer')).rejects.toMatchObject(connect);
  lately.forgetFailure();
  expect(await lately.get(100, 100, async () => 'answer')).toBe('answer');
  lately.forgetFailure();
  expect(await lately.get(101, 100, async () => 'another')).toBe('answer');
  await expect(lately.get(201, 100, fail('MX_UPSTREAM_CONNECT'))).rejects.toMatchObject(connect);
  lately.forgetFailure();
  await expect(lately.get(301, 100, async () => 'answer')).rejects.toMatchObject(connect);
  expect(await lately.get(302, 100, async () => 'answer')).toBe('answer');
});

test('what was not sent, since the server is left alone, is asked for again', async () => {
  const lately = new Lately<string>();
  await expect(lately.get(0, 100, fail('MX_UPSTREAM_PAUSED'))).rejects.toMatchObject({ code: 'MX_UPSTREAM_PAUSED' });
  expect(await lately.get(1, 100, async () => 'answer')).toBe('answer');
});

function fail(code: ErrorCode): () => Promise<string> {
  return () => Promise.reject(new ExporterError({ code, detail: 'in the test' }));
}
