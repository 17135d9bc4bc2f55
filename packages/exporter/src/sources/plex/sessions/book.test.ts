import { describe, expect, test } from 'vitest';
import { inChunks } from '../parse/items.testing.ts';
import { parseMessage } from '../parse/notification.ts';
import { type RawSession, readSessions } from '../parse/sessions.ts';
import { SessionBook } from './book.ts';

/** An answer with one session, with what a test says of it. */
function answer(...entries: object[]): readonly RawSession[] {
  const Metadata = entries.map((entry) => ({
    ...{ sessionKey: '7', ratingKey: '1', key: '/library/metadata/1', type: 'movie', viewOffset: 0 },
    ...{ Player: { state: 'playing', machineIdentifier: 'tv' }, User: { id: '1' } },
    ...entry,
  }));
  const parsed = inChunks(readSessions)(JSON.stringify({ MediaContainer: { size: Metadata.length, Metadata } }), {});
  if (!parsed.ok) throw new Error(parsed.problem);
  return parsed.value;
}

function report(book: SessionBook, at: number, fields: object = {}) {
  const entry = { sessionKey: '7', ratingKey: '1', state: 'playing', ...fields };
  const message = { NotificationContainer: { type: 'playing', PlaySessionStateNotification: [entry] } };
  const notification = parseMessage(JSON.stringify(message))?.notification;
  const player = notification?.type === 'playing' ? notification.players[0] : undefined;
  if (player === undefined) throw new Error('no report');
  return book.report(player, at);
}

const take = (book: SessionBook, at: number, ...entries: object[]): void => {
  book.take(answer(...entries), at, at);
};
const player = (state: string): object => ({ Player: { state, machineIdentifier: 'tv' } });

/** A book that knows of one session since second 0. */
function watching(): SessionBook {
  const book = new SessionBook();
  take(book, 0, {});
  return book;
}

describe('what an answer shows', () => {
  test('a position that moved on tells when the player reported', () => {
    const book = watching();
    take(book, 17_000, { viewOffset: 10_000 });
    expect(book.get('7')).toMatchObject({ positionMilliseconds: 10_000, confirmedAt: 10_000, seenAt: 17_000 });
  });

  test('a position that moved further than time did tells no more than now', () => {
    const book = watching();
    take(book, 5_000, { viewOffset: 600_000 });
    expect(book.get('7')?.confirmedAt).toBe(5_000);
    take(book, 10_000, { viewOffset: 3_000 });
    expect(book.get('7')?.confirmedAt).toBe(10_000);
  });

  test('a position that stands still confirms nothing', () => {
    const book = watching();
    take(book, 10_000, {});
    take(book, 20_000, {});
    expect(book.get('7')?.confirmedAt).toBe(0);
  });

  test('a change of state is a report', () => {
    const book = watching();
    take(book, 10_000, player('paused'));
    expect(book.get('7')).toMatchObject({ state: 'paused', confirmedAt: 10_000 });
    expect(book.busy).toBe(false);
    expect(book.size).toBe(1);
  });

  test('a state that is missing, or that says nothing of playing, leaves the old one', () => {
    const book = watching();
    take(book, 10_000, { Player: { machineIdentifier: 'tv' } });
    take(book, 20_000, player('error'));
    expect(book.get('7')?.state).toBe('playing');
  });

  test('what was reported while it was on its way is newer', () => {
    const book = watching();
    report(book, 10_500, { state: 'paused', viewOffset: 10_000 });
    book.take(answer({ viewOffset: 9_000 }), 10_000, 11_000);
    expect(book.get('7')).toMatchObject({ state: 'paused', positionMilliseconds: 10_000, confirmedAt: 10_500 });
  });

  test('fault 4: another item under the same key is another session', () => {
    const book = watching();
    report(book, 10_000, { viewOffset: 10_000 });
    take(book, 12_000, { ratingKey: '2', viewOffset: 0 });
    expect(book.get('7')).toMatchObject({ raw: { ratingKey: '2' }, confirmedAt: 12_000 });
    expect(book.get('7')).not.toHaveProperty('reportedAt');
  });
});

test('very many new sessions are not compared with all old ones', () => {
  const book = new SessionBook();
  let compared = 0;
  const watched = (from: number): readonly RawSession[] => {
    const entries = Array.from({ length: 200 }, (_, index) => ({
      sessionKey: `${from + index}`,
      ratingKey: `${from + index}`,
    }));
    return answer(...entries).map((raw) => ({
      ...raw,
      get ratingKey() {
        compared += 1;
        return raw.ratingKey;
      },
    }));
  };
  for (const from of [0, 1000]) book.take(watched(from), from, from);
  book.interrupt(2000);
  book.take(watched(3000), 3000, 3000);
  expect(compared).toBeLessThan(20 * 600);
});

describe('what a player reports', () => {
  test('of a session that is known only confirms it, and a change makes the server be asked', () => {
    const book = watching();
    expect(report(book, 10_000, { viewOffset: 10_000 })).toMatchObject({ changed: '7', look: false });
    expect(report(book, 12_000, { state: 'paused' })).toMatchObject({ changed: '7', look: true });
    expect(book.get('7')).toMatchObject({ state: 'paused', positionMilliseconds: 10_000, confirmedAt: 12_000 });
  });

  test('of a session that no answer had yet makes the server be asked, but not for ever', () => {
    const book = new SessionBook();
    const looks = Array.from({ length: 6 }, (_, index) => {
      const { look } = report(book, index * 10_000);
      take(book, index * 10_000 + 1000);
      return look;
    });
    expect(looks).toEqual([true, true, true, false, false, false]);
  });

  test('of a start tells since when it plays, once an answer has the session', () => {
    const book = new SessionBook();
    report(book, 1_000, { state: 'buffering' });
    report(book, 3_000);
    report(book, 4_000);
    take(book, 5_000, {});
    expect(book.get('7')).toMatchObject({ startedAt: 3_000, confirmedAt: 4_000 });
  });

  test('of a stop ends the session, however long it lingers in answers', () => {
    const book = watching();
    expect(report(book, 20_000, { state: 'stopped', viewOffset: 20_000 })).toMatchObject({ ended: '7', look: true });
    take(book, 21_000, { viewOffset: 19_000 });
    take(book, 26_000, { viewOffset: 20_000 });
    expect(book.size).toBe(0);
    take(book, 40_000, { viewOffset: 35_000 });
    expect(book.size).toBe(1);
  });

  test('of a stop and a start again is believed at once', () => {
    const book = watching();
    report(book, 20_000, { state: 'stopped', viewOffset: 20_000 });
    report(book, 22_000, { viewOffset: 20_000 });
    take(book, 23_000, { viewOffset: 20_000 });
    expect(book.get('7')).toMatchObject({ startedAt: 22_000 });
  });

  test('fault 5: of a stop under another key makes the server be asked', () => {
    const book = watching();
    expect(report(book, 20_000, { sessionKey: '8', state: 'stopped' })).toEqual({ look: true });
    take(book, 21_000);
    expect(book.size).toBe(0);
  });

  test('of another item ends the play at that moment, and the next one began then', () => {
    const book = watching();
    expect(report(book, 20_000, { ratingKey: '2' })).toMatchObject({ ended: '7', look: true });
    expect(report(book, 21_000, { ratingKey: '2' })).toEqual({ look: false });
    take(book, 22_000, { ratingKey: '2' });
    expect(book.get('7')).toMatchObject({ raw: { ratingKey: '2' }, startedAt: 20_000 });
  });

  test('under a name of the item that answers do not know is learned to be the same', () => {
    const book = watching();
    report(book, 20_000, { ratingKey: '99' });
    take(book, 22_000, { viewOffset: 20_000 });
    expect(report(book, 30_000, { ratingKey: '99', viewOffset: 30_000 })).toMatchObject({ changed: '7', look: false });
    expect(book.get('7')).toMatchObject({ confirmedAt: 30_000 });
  });

  test('of another item while an older answer is on its way is settled by the next answer', () => {
    const book = watching();
    report(book, 20_000, { ratingKey: '2' });
    book.take(answer({ viewOffset: 19_000 }), 19_000, 20_500);
    expect(report(book, 25_000, { ratingKey: '2' })).toEqual({ look: false });
    take(book, 26_000, { ratingKey: '2' });
    expect(book.get('7')).toMatchObject({ raw: { ratingKey: '2' }, startedAt: 20_000 });
  });

  test('of a stop of the item before does not end the next one', () => {
    const book = watching();
    take(book, 10_000, { ratingKey: '2' });
    expect(report(book, 11_000, { state: 'stopped', viewOffset: 5_000_000 })).toEqual({ look: true });
    take(book, 12_000, { ratingKey: '2', viewOffset: 2_000 });
    expect(book.get('7')).toMatchObject({ raw: { ratingKey: '2' } });
  });

  test('of a stop of the item that was just told of is the end', () => {
    const book = watching();
    report(book, 20_000, { ratingKey: '2' });
    expect(report(book, 21_000, { ratingKey: '2', state: 'stopped' })).toMatchObject({ ended: '7' });
    expect(book.size).toBe(0);
  });

  test('of the next programme of Live TV is the same session', () => {
    const book = new SessionBook();
    const live = { live: '1', key: '/livetv/sessions/x' };
    take(book, 0, { ...live, ratingKey: '1' });
    expect(report(book, 10_000, { ratingKey: '2' })).toMatchObject({ changed: '7' });
    take(book, 20_000, { ...live, ratingKey: '2' });
    expect(book.get('7')?.reportedAt).toBe(10_000);
  });

  test('of theme music says nothing', () => {
    const book = new SessionBook();
    take(book, 0, { guid: 'library://1/theme', type: 'track' });
    expect(book.size).toBe(0);
    expect(report(book, 1_000)).toEqual({ look: false });
  });

  test('of buffering counts when it begins, and of an error each time', () => {
    const book = watching();
    const events = ['buffering', 'buffering', 'playing', 'error', 'buffering'].map((state, index) => {
      const { buffering, error } = report(book, index * 1000, { state });
      return [buffering, error];
    });
    expect(events).toEqual([
      [true, false],
      [false, false],
      [false, false],
      [false, true],
      [true, false],
    ]);
  });
});

describe('a server that was gone', () => {
  const gone = (): SessionBook => {
    const book = watching();
    report(book, 10_000, { viewOffset: 10_000 });
    book.interrupt(12_000);
    return book;
  };

  test('a player had come as far as its position tells', () => {
    const book = gone();
    const halted = book.take(answer({ viewOffset: 13_000 }), 40_000, 40_000);
    expect(halted).toMatchObject([{ confirmedAt: 13_000, positionMilliseconds: 10_000, state: 'buffering' }]);
    expect(book.get('7')).toMatchObject({ state: 'playing', confirmedAt: 40_000, positionMilliseconds: 13_000 });
  });

  test('it is the same under another key', () => {
    const book = gone();
    const halted = book.take(answer({ sessionKey: '1', viewOffset: 13_000 }), 40_000, 40_000);
    expect(halted).toMatchObject([{ confirmedAt: 13_000, raw: { sessionKey: '7' } }]);
  });

  test('reports before the next answer tell when it plays again', () => {
    const book = gone();
    expect(report(book, 35_000, { viewOffset: 13_000 })).toEqual({ look: false });
    book.take(answer({ viewOffset: 13_000 }), 40_000, 40_000);
    expect(book.get('7')?.confirmedAt).toBe(35_000);
  });

  test('who was paused was not halted', () => {
    const book = watching();
    report(book, 10_000, { state: 'paused' });
    book.interrupt(12_000);
    expect(book.take(answer({}), 40_000, 40_000)).toEqual([]);
  });
});

describe('fault 6: a transcode', () => {
  const transcode = (id: string) => ({ id, speed: 2, videoDecision: 'transcode' });
  const book = (): SessionBook => {
    const fresh = new SessionBook();
    const entry = (key: string, id: string) => ({
      ...{ sessionKey: key, ratingKey: key },
      TranscodeSession: { key: `/transcode/sessions/${id}` },
    });
    take(fresh, 0, entry('1', 'abc123'), entry('2', 'def'), { sessionKey: '3', ratingKey: '3' });
    return fresh;
  };

  test('belongs to the session that names exactly it', () => {
    const fresh = book();
    expect(fresh.transcode(transcode('def'))).toBe(true);
    expect(fresh.get('2')?.raw.transcode).toMatchObject({ speed: 2 });
    expect(fresh.get('1')?.raw.transcode).not.toHaveProperty('speed');
  });

  test.each(['1', '123', 'abc', '3'])('of nobody, %j, belongs to nobody', (id) => {
    const fresh = book();
    expect(fresh.transcode(transcode(id))).toBe(false);
    expect(fresh.has(transcode(id))).toBe(false);
  });
});
