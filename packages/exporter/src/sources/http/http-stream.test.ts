import { expect, test } from 'vitest';
import { answering, connect } from './client.testing.ts';

test('a body is read while it is being sent', async () => {
  let more = (): void => {};
  const { client, reports } = connect(
    await answering((_, response) => {
      response.write('first');
      more = () => response.end('last');
    }),
  );
  const seen: string[] = [];
  await client.stream({ endpoint: '/list' }, async ({ body }) => {
    for await (const chunk of body) {
      seen.push(Buffer.from(chunk).toString());
      more();
    }
  });
  expect(seen).toEqual(['first', 'last']);
  expect(reports).toMatchObject([{ endpoint: '/list', outcome: 'success', status: 200, bytes: 9 }]);
});

test('a status that is accepted is read, and told to the reader', async () => {
  const { client, reports } = connect(await answering((_, response) => response.writeHead(503).end('loading')));
  const request = { endpoint: '/health', accepts: [503] };
  expect(await client.stream(request, async ({ status }) => status)).toBe(503);
  expect(reports).toMatchObject([{ outcome: 'success', status: 503 }]);
  await expect(client.stream({ endpoint: '/health' }, async () => 1)).rejects.toMatchObject({ status: 503 });
});

test('an answer without an end is cut off at the limit', async () => {
  const { client, reports } = connect(
    await answering((_, response) => {
      const write = (): boolean => response.write('x'.repeat(400)) && response.destroyed === false;
      response.on('drain', write);
      for (let i = 0; i < 10; i += 1) write();
    }),
  );
  const read = client.stream({ endpoint: '/list' }, async ({ body }) => {
    for await (const _ of body);
  });
  await expect(read).rejects.toMatchObject({ code: 'MX_UPSTREAM_TOO_LARGE' });
  expect(reports).toMatchObject([{ outcome: 'too_large' }]);
});

test('a reader that has seen enough ends the answer, and the next request goes well', async () => {
  const { client } = connect(
    await answering((request, response) => {
      response.write('enough');
      if (request.url === '/short') response.end();
    }),
  );
  const first = async ({ body }: { body: AsyncIterable<Uint8Array> }): Promise<string> => {
    for await (const chunk of body) return Buffer.from(chunk).toString();
    return '';
  };
  expect(await client.stream({ endpoint: '/endless' }, first)).toBe('enough');
  expect(await client.stream({ endpoint: '/short' }, first)).toBe('enough');
});
