import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ManualClock } from '@media-exporter/metrics/testing';
import { SimulatedSfu } from '@media-exporter/simulators/mediasoup';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  aggregatedFamilies,
  defaultFamilies,
  observe,
  parseState,
  type SfuState,
  STATE_SCHEMA,
  seedFamilies,
} from './index.ts';
import type { Schema } from './schema.ts';

/** A state with something in every list. */
async function fullState(): Promise<SfuState> {
  const clock = new ManualClock();
  const sfu = new SimulatedSfu({ clock, shape: '3.27', workers: 2 });
  const observer = observe(sfu.mediasoup, { clock, period: 0, sets: ['default', 'seed', 'aggregated'] });
  sfu.start();
  const link = { loss: 0.1, roundTripTime: 80, jitter: 5 };
  const room = sfu.addRoom('parlour');
  const peer = room.join('one', ['audio', 'simulcast'], { link });
  const other = room.join('two', ['audio', 'svc'], { link });
  other.consumeData(peer.produceData());
  for (let i = 0; i < 2; i++) {
    sfu.advance(2_000);
    await clock.tick(1_000);
    await observer.poll();
  }
  const state = observer.state();
  await observer.close();
  return state;
}

/** A copy of the state with another value somewhere. */
function change(state: SfuState, path: readonly (string | number)[], value: unknown): unknown {
  const copy = structuredClone(state) as unknown as Record<string, unknown>;
  let at: Record<string, unknown> = copy;
  for (const key of path.slice(0, -1)) at = at[key] as Record<string, unknown>;
  at[path.at(-1) as string] = value;
  return copy;
}

describe('a state', () => {
  test('survives the way through JSON', async () => {
    const state = await fullState();
    for (const list of [state.workers, state.producers, state.layers, state.dataChannels, state.rtp]) {
      expect(list).not.toHaveLength(0);
    }
    expect(parseState(JSON.parse(JSON.stringify(state)))).toEqual({ ok: true, state });
  });

  test('may have more fields than are known', async () => {
    const state = await fullState();
    expect(parseState({ ...state, later: 1 }).ok).toBe(true);
  });

  test.each([
    [undefined, 'The state is no object.'],
    [[], 'The state is no object.'],
    ['<html>', 'The state is no object.'],
    [{}, 'The state has no version, and this reads version 1.'],
    [{ version: 2 }, 'The state has version 2, and this reads version 1.'],
    [{ version: 'secret' }, 'The state has no version, and this reads version 1.'],
    [{ version: 1 }, 'The state is not as its schema says: time is missing.'],
  ])('that is %j is refused', (input, problem) => {
    expect(parseState(input)).toEqual({ ok: false, problem });
  });

  test.each([
    [['rooms'], -1, 'rooms is below 0'],
    [['rooms'], 1.5, 'rooms is no whole number'],
    [['workers'], {}, 'workers is no array'],
    [['workers', 0], null, 'workers[0] is no object'],
    [['workers', 0, 'alive'], 1, 'workers[0].alive is no boolean'],
    [['rtp', 0, 'direction'], 'up', 'rtp[0].direction is none of receive, send'],
    [['rtp', 0, 'codec'], 7, 'rtp[0].codec is no text'],
    [['quality', 0, 'score', 'counts'], [1], 'quality[0].score is no histogram'],
    [['quality', 3, 'loss', 'bounds'], [0, 0, 0, 0, 0, 0, 0, 0], 'quality[3].loss is no histogram'],
    [['detail', 'streams', 0, 'bytes'], undefined, 'detail.streams[0].bytes is missing'],
    [['time'], Number.NaN, 'time is no number'],
  ])('with a wrong value at %j is refused with its place, and without the value', async (path, value, fault) => {
    const parsed = parseState(change(await fullState(), path, value));
    expect(parsed).toEqual({ ok: false, problem: `The state is not as its schema says: ${fault}.` });
  });

  test('that is anything at all never throws, and what passes makes families', async () => {
    const state = await fullState();
    const paths = leaves(state);
    fc.assert(
      fc.property(fc.constantFrom(...paths), fc.anything(), (path, value) => {
        const parsed = parseState(change(state, path, value));
        if (!parsed.ok) return;
        defaultFamilies(parsed.state);
        seedFamilies(parsed.state);
        aggregatedFamilies(parsed.state);
      }),
      { numRuns: 2_000 },
    );
    fc.assert(fc.property(fc.anything(), (input) => typeof parseState(input).ok === 'boolean'));
  });
});

describe('the JSON Schema in docs', () => {
  const path = join(import.meta.dirname, '../../../docs/mediasoup-state.schema.json');

  test('is the one that states are judged by', () => {
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(JSON.parse(JSON.stringify(STATE_SCHEMA)));
  });

  test('knows every field that a real state has', async () => {
    const unknown: string[] = [];
    const walk = (value: unknown, schema: Schema | undefined, place: string): void => {
      if (schema === undefined) unknown.push(place);
      else if (Array.isArray(value)) for (const item of value) walk(item, schema.items, `${place}[]`);
      else if (typeof value === 'object' && value !== null) {
        for (const [name, field] of Object.entries(value)) walk(field, schema.properties?.[name], `${place}.${name}`);
      }
    };
    walk(await fullState(), STATE_SCHEMA, '');
    expect(unknown).toEqual([]);
  });
});

/** The paths of all values in it. */
function leaves(value: unknown, path: readonly (string | number)[] = []): (string | number)[][] {
  if (typeof value !== 'object' || value === null) return [[...path]];
  const below = Object.entries(value).flatMap(([key, field]) => leaves(field, [...path, key]));
  return path.length === 0 ? below : [[...path], ...below];
}
