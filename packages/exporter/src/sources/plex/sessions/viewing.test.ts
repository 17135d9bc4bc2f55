import { ManualClock } from '@media-exporter/metrics/testing';
import { expect, test } from 'vitest';
import { MemoryStore } from '../../../state/memory.ts';
import type { PlexClient } from '../client.ts';
import { PlexCounters } from '../counters/counters.ts';
import { recall } from '../counters/recall.ts';
import { PLAY_LABELS, playLabels } from '../labels.ts';
import { inChunks } from '../parse/items.testing.ts';
import { type RawSession, readSessions } from '../parse/sessions.ts';
import { Timeline } from '../timeline.ts';
import { Viewing } from './viewing.ts';

const SERVER = { name: 'SHIELD', id: 'abc', version: '1', platform: 'Linux', platformVersion: '' };

/** A list in which one player plays an item, and how far it has come, in seconds. */
function list(ratingKey: string, position: number): readonly RawSession[] {
  const Player = { state: 'playing', machineIdentifier: 'tv' };
  const entry = { sessionKey: '7', ratingKey, title: `item ${ratingKey}`, type: 'movie', viewOffset: position * 1000 };
  const body = JSON.stringify({ MediaContainer: { size: 1, Metadata: [{ ...entry, Player, User: { id: 1 } }] } });
  const parsed = inChunks(readSessions)(body, {});
  return parsed.ok ? parsed.value : [];
}

test('an answer that was on its way when the next item began gives its time to neither of the two', async () => {
  const clock = new ManualClock();
  const timeline = new Timeline(clock);
  const labelCount = Object.keys(PLAY_LABELS).length;
  const counters = new PlexCounters(
    new MemoryStore().scope('x'),
    recall(new Map(), labelCount, 'clear'),
    timeline.now(),
  );
  let sent = Promise.withResolvers<readonly RawSession[]>();
  const client = { sessions: () => sent.promise, fileResolutions: async () => new Map() } as unknown as PlexClient;
  const viewing = new Viewing({
    ...{ client, clock, timeline, counters },
    libraryKind: () => undefined,
    hide: (session) => session,
    labels: (session) => playLabels(session, SERVER, [], { bitrate: true }),
    listeningSince: () => 0,
    running: () => true,
    onObserved: () => {},
  });
  const ask = async (answer: readonly RawSession[], meanwhile = async () => {}): Promise<void> => {
    sent = Promise.withResolvers();
    const collected = viewing.collect();
    await meanwhile();
    sent.resolve(answer);
    await collected;
  };
  const play = (ratingKey: string, position: number): void => {
    viewing.report({ sessionKey: '7', ratingKey, state: 'playing', positionMilliseconds: position * 1000 });
  };
  await ask(list('1', 0));
  clock.advance(10_000);
  await ask(list('1', 10));
  clock.advance(10_000);
  await ask(list('1', 20), async () => {
    clock.advance(1000);
    play('2', 0);
    clock.advance(2000);
  });
  clock.advance(5000);
  await ask(list('2', 7));
  clock.advance(10_000);
  play('2', 17);
  const seconds = counters.totals().plays.map(({ labels, plays, seconds }) => [labels[7], plays, seconds]);
  expect(seconds).toEqual([
    ['item 1', 1, 21],
    ['item 2', 1, 17],
  ]);
});
