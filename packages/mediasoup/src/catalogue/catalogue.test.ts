import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Family, type Metric, namedSamples, renderText } from '@media-exporter/metrics';
import { lint, ManualClock, parseText } from '@media-exporter/metrics/testing';
import { SimulatedSfu } from '@media-exporter/simulators/mediasoup';
import { describe, expect, test } from 'vitest';
import {
  AGGREGATED_CATALOGUE,
  aggregatedFamilies,
  DEFAULT_CATALOGUE,
  defaultFamilies,
  type ObserveOptions,
  observe,
  type SfuState,
  seedCatalogue,
  seedFamilies,
} from '../index.ts';

async function stateOf(options: ObserveOptions = {}, act: (sfu: SimulatedSfu) => void = () => {}): Promise<SfuState> {
  const clock = new ManualClock();
  const sfu = new SimulatedSfu({ clock, shape: '3.13', rooms: 1, peersPerRoom: 2 });
  const observer = observe(sfu.mediasoup, { clock, period: 0, sets: ['seed'], ...options });
  sfu.start();
  act(sfu);
  for (let i = 0; i < 2; i++) {
    sfu.advance(2_000);
    await clock.tick(1_000);
    await observer.poll();
  }
  const state = observer.state();
  await observer.close();
  return state;
}

const find = (families: readonly Family[], name: string): Family => {
  const found = families.find(({ metric }) => metric.name === name);
  if (found === undefined) throw new Error(`no ${name}`);
  return found;
};

const values = (families: readonly Family[], name: string): unknown[] =>
  [...namedSamples(find(families, name))].map(({ value }) => value);

describe('the default set', () => {
  test('is clean by the lint of names', () => {
    expect(lint(DEFAULT_CATALOGUE)).toEqual([]);
  });

  test('gives nothing outside its catalogue, and no name of another set', async () => {
    const families = defaultFamilies(await stateOf());
    const known = new Set<Metric>(DEFAULT_CATALOGUE);
    expect(families.filter(({ metric }) => !known.has(metric))).toEqual([]);
    const others = new Set([...seedCatalogue(), ...AGGREGATED_CATALOGUE].map(({ name }) => name));
    expect(DEFAULT_CATALOGUE.filter(({ name }) => others.has(name))).toEqual([]);
  });

  test('has no label that grows with the number of peers, unless rooms are asked for', async () => {
    const small = defaultFamilies(await stateOf({ sets: ['default'] }));
    const big = defaultFamilies(
      await stateOf({ sets: ['default'] }, (sfu) => {
        for (let i = 0; i < 10; i++) sfu.addRoom(`more-${i}`).join(`guest-${i}`, ['audio', 'simulcast']);
      }),
    );
    const sizes = (families: readonly Family[]) =>
      families.map(({ metric, samples }) => [metric.name, [...samples].length]);
    expect(sizes(big)).toEqual(sizes(small));
  });

  test('is well-formed', async () => {
    const families = defaultFamilies(await stateOf());
    expect(parseText(renderText(families)).length).toBeGreaterThan(40);
  });

  test('is up when a worker answers, down when none does, and silent about it before the first poll', async () => {
    const state = await stateOf();
    expect(values(defaultFamilies(state), 'mediasoup_up')).toEqual([1]);
    const stuck = { ...state, workers: state.workers.map((worker) => ({ ...worker, stuck: true })) };
    expect(values(defaultFamilies(stuck), 'mediasoup_up')).toEqual([0]);
    const { completed: _, ...failed } = state.poll;
    expect(values(defaultFamilies({ ...stuck, poll: failed }), 'mediasoup_up')).toEqual([0]);
    const poll = { ...failed, polls: 0 };
    expect(values(defaultFamilies({ ...state, poll }), 'mediasoup_up')).toEqual([]);
  });
});

describe("the seed's set", () => {
  test('has the names, types and labels of the contract', (context) => {
    const path = join(import.meta.dirname, '../../../../../shared/contract/mediasoup.json');
    if (!existsSync(path)) context.skip('the contract is not beside this checkout');
    const contract = JSON.parse(readFileSync(path, 'utf8')) as {
      metrics: { name: string; type: string; labels: string[] }[];
    };
    const ours = seedCatalogue().map(({ name, type, labelNames }) => ({ name, type, labels: [...labelNames] }));
    expect(ours).toEqual(contract.metrics.map(({ name, type, labels }) => ({ name, type, labels })));
  });

  test('has a series for each stream, and one for each room with peers', async () => {
    const state = await stateOf({}, (sfu) => sfu.addRoom('empty'));
    const families = seedFamilies(state, { prefix: 'edumeet_' });
    expect(values(families, 'edumeet_rooms')).toEqual([2]);
    expect([...namedSamples(find(families, 'edumeet_peers'))]).toEqual([{ labels: { room_id: 'room-1' }, value: 2 }]);
    expect(values(families, 'mediasoup_producer_byte_count_bytes')).toHaveLength(4);
    expect(values(families, 'mediasoup_consumer_score')).toHaveLength(4);
  });

  test('sums the simulcast streams of a producer and shows the best of their scores', async () => {
    const state = await stateOf();
    const streams = state.detail.streams?.filter(({ direction, kind }) => direction === 'receive' && kind === 'video');
    expect(streams).toHaveLength(2);
    for (const stream of streams ?? []) {
      expect(stream.score).toBe(10);
      expect(stream.bytes).toBeGreaterThan(100_000);
    }
  });

  test('merges what is alike when ids are left out: bytes summed, the worst score', async () => {
    const state = await stateOf();
    const twins = (state.detail.streams ?? []).filter(({ direction }) => direction === 'receive').slice(0, 1);
    const [one] = twins;
    if (one === undefined) throw new Error('no stream');
    const streams = [
      { ...one, id: 'a', bytes: 100, score: 9 },
      { ...one, id: 'b', bytes: 20, score: 4 },
    ];
    const detail = { ...state.detail, streams };
    expect(values(seedFamilies({ ...state, detail }), 'mediasoup_producer_byte_count_bytes')).toEqual([100, 20]);
    const quiet = seedFamilies({ ...state, detail }, { quiet: true });
    expect(values(quiet, 'mediasoup_producer_byte_count_bytes')).toEqual([120]);
    expect(values(quiet, 'mediasoup_producer_score')).toEqual([4]);
    const [sample] = namedSamples(find(quiet, 'mediasoup_producer_score'));
    expect(sample?.labels).toMatchObject({ id: '', transport_id: '', peer_id: one.peer });
  });

  test('knows no rooms when nothing is there, and says 0', async () => {
    const state = await stateOf({}, (sfu) => sfu.removeRoom('room-1'));
    const families = seedFamilies(state);
    expect(values(families, 'Ejtimaa_rooms')).toEqual([0]);
    expect(values(families, 'Ejtimaa_peers')).toEqual([]);
  });
});

describe('the aggregated set', () => {
  test('has the gauges of the original under their names and HELP', () => {
    const gauges = AGGREGATED_CATALOGUE.filter(({ help }) => help.startsWith('MediaSoup '));
    expect(gauges).toHaveLength(5 + 4 + 2 * 5 + 2 * 4 + 3 * 5 + 2 * 5 + 3 * 4);
    for (const { help, labelNames, name, type } of gauges) {
      expect([name, type, labelNames]).toEqual([`mediasoup_${help.slice('MediaSoup '.length)}`, 'gauge', []]);
    }
    expect(gauges.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        ...['mediasoup_workers_cpu', 'mediasoup_audio_in_count', 'mediasoup_audio_bitrates_in_p25'],
        ...[
          'mediasoup_packets_losts_in_sum',
          'mediasoup_round_trip_times_out_mean',
          'mediasoup_spatial_layers_out_max',
        ],
      ]),
    );
  });

  test('counts streams, and sums up what is known of them', async () => {
    const families = aggregatedFamilies(await stateOf());
    expect(values(families, 'mediasoup_audio_in_count')).toEqual([2]);
    expect(values(families, 'mediasoup_video_in_count')).toEqual([6]);
    expect(values(families, 'mediasoup_video_out_count')).toEqual([2]);
    expect(values(families, 'mediasoup_audio_scores_in_mean')).toEqual([10]);
    expect(values(families, 'mediasoup_spatial_layers_out_max')).toEqual([2]);
    expect(values(families, 'mediasoup_workers_count')).toEqual([1]);
    // Nobody has told a round trip yet.
    expect(values(families, 'mediasoup_round_trip_times_out_mean')).toEqual([]);
  });

  test('of an SFU without streams has sums of 0 and no means', async () => {
    const families = aggregatedFamilies(await stateOf({}, (sfu) => sfu.removeRoom('room-1')));
    expect(values(families, 'mediasoup_audio_bitrates_in_sum')).toEqual([0]);
    expect(values(families, 'mediasoup_audio_bitrates_in_mean')).toEqual([]);
  });

  test('has the CPU use of workers in cores once two polls have told it', async () => {
    const [cores] = values(aggregatedFamilies(await stateOf()), 'mediasoup_workers_cpu');
    expect(cores).toBeGreaterThan(0);
    expect(cores).toBeLessThan(1);
  });
});
