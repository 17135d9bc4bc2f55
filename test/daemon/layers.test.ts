import { afterEach, expect, test } from 'vitest';
import { turnUntil } from '../support/until.ts';
import { ask, config, extend, set, stopAll } from './bench.ts';

afterEach(stopAll);

test('unified families name their server themselves, and are one family over all sources', async () => {
  const bench = set(config('one two'));
  await bench.exporter.start();
  await turnUntil(() => bench.exporter.unready === undefined);
  const { body } = await ask(bench, '/metrics');
  expect(body).toContain('media_server_up{server="one"} 1\nmedia_server_up{server="two"} 1\n');
  expect(body.match(/# TYPE media_server_up/g)).toHaveLength(1);
  expect(body).toContain('sfu_streams{source="one",kind="audio"} 3\n');
  expect(body).not.toContain('unified');
});

test('one source alone shows both layers without the label', async () => {
  const bench = set(config('one two'));
  await bench.exporter.start();
  const { body } = await ask(bench, '/metrics?source=two');
  expect(body).toContain('media_server_up{server="two"} 1\n');
  expect(body).toContain('sfu_streams{kind="audio"} 3\n');
  expect(body).not.toContain('"one"');
});

test('both layers of a source come from one round', async () => {
  const bench = set(config('one'));
  await bench.exporter.start();
  await turnUntil(() => bench.exporter.unready === undefined);
  const { asked } = bench.source('one');
  await ask(bench, '/metrics');
  expect(bench.source('one').asked).toBe(asked + 1);
});

test('either layer of a source can be switched off', async () => {
  const bench = set(extend(config('one two'), 'native: false'));
  await bench.exporter.start();
  await turnUntil(() => bench.exporter.unready === undefined);
  const { body } = await ask(bench, '/metrics');
  expect(body).not.toContain('sfu_streams{source="one"');
  expect(body).toContain('media_server_up{server="one"} 1\n');
  expect(body).toContain('media_exporter_source_up{source="one"} 1\n');
  expect(body).toContain('sfu_streams{source="two"');
  bench.config = extend(config('one two'), 'unified: false');
  await bench.exporter.reload();
  const after = await ask(bench, '/metrics');
  expect(after.body).toContain('sfu_streams{source="one"');
  expect(after.body).not.toContain('media_server_up{server="one"}');
  expect(after.body).toContain('media_server_up{server="two"} 1\n');
});
