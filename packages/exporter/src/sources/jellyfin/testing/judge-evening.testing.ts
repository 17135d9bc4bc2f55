import type { Outcome } from './follow-evening.testing.ts';
import type { Turn } from './household.testing.ts';

/** Polls come so often; an answer is read up to a second later. Milliseconds. */
const POLL_MS = 10_000;
const LATENCY_MS = 1_000;
/** A client reports so often, and so long after its server was away. */
const REPORT_MS = 10_000;
/** So long after an outage, all clients have reported, and a poll has shown it. */
const RETURN_MS = 30_000;
/** From its last report on, who plays is active so long, and who is paused. */
const ACTIVE_MS = { playing: 60_000, paused: 300_000 };
/** What was last known of the sessions is shown so long when the server does not answer: three polls of a slow one. */
const STALE_MS = 90_000;
/** A client may report progress so long before it reports the start. */
const EARLY_MS = 5_000;
/** How long a play may go on beyond its last report: it is not known how often its client reports. */
const TAIL_MS = 15_000;
/** In a longer time without a poll, a minute counts: a dead player may have been given up, and resumed where its timer was. */
const PLACED_MS = 240_000;
const PROVEN_MS = 60_000;

/** All in which the exporter says something else than the truth, and an observer at its polls could have known better. */
export function disagreements(outcome: Outcome): string[] {
  return [
    ...outcome.back.map((counter) => `${counter} goes back`),
    ...playsOf(outcome),
    ...secondsOf(outcome),
    ...ghostsOf(outcome),
    ...transcodesOf(outcome),
  ];
}

/**
 * Right to the play. Only what no log has told of may be missing: where it was over before a poll could show it, or looks
 * as if the play before it had gone on through the outage in which its start was lost.
 */
function playsOf({ truth, starts, plays, polls, away, turns }: Outcome): string[] {
  const wrong: string[] = [];
  for (const [user, records] of Map.groupBy(truth.records, ({ identity }) => identity.user)) {
    const unknowable = records.filter((record) => {
      const { identity, startedAt, endedAt = Number.POSITIVE_INFINITY } = record;
      const { itemId, client } = identity;
      if (starts.some((start) => start.user === user && start.itemId === itemId && start.at === startedAt))
        return false;
      const back = Math.max(startedAt, ...away.filter((at) => at >= startedAt && at <= endedAt));
      const silent = turns.some((turn) => turn.user === user && turn.silent && turn.at >= startedAt && turn.at <= back);
      // A start that is logged right after a poll may be that of what the poll has shown.
      const seen = !silent && polls.some((at) => at > back + REPORT_MS + LATENCY_MS && at < endedAt - EARLY_MS);
      const earlier = records.slice(0, records.indexOf(record)).map((one) => one.identity);
      return !seen || earlier.some((one) => one.client === client && one.itemId === itemId);
    });
    const counted = plays[user] ?? 0;
    if (counted > records.length || counted < records.length - unknowable.length)
      wrong.push(`${user}: ${counted} plays, not ${records.length} (${unknowable.length} cannot be known)`);
  }
  return wrong;
}

/**
 * Right to -3 and +8 %. A play that was resumed in the middle begins with the first report that a poll shows, and ends
 * between two polls: a poll is missing for each. Beyond its last report it may go on for its tail, and no more.
 */
function secondsOf({ truth, turns, polls, watched, away }: Outcome): string[] {
  const wrong: string[] = [];
  const { watchSeconds, coWatchSeconds } = truth.totals;
  const gap = (at: number): number => gapAt(at, polls, away);
  for (const user of new Set([...Object.keys(watchSeconds), ...Object.keys(coWatchSeconds), ...Object.keys(watched)])) {
    let under = 0;
    let over = 0;
    for (const { identity, startedAt, endedAt = startedAt, together } of truth.records) {
      if (identity.user !== user && !together.has(user)) continue;
      under += gap(startedAt) + gap(endedAt) + unproven(startedAt, endedAt, polls);
      over += TAIL_MS;
      // A server that goes down forgets who watches along: that they did since the poll before it, nothing tells.
      const forgotten = away.find((at) => together.has(user) && at >= startedAt && at <= endedAt);
      if (forgotten !== undefined) under += gap(forgotten);
      // Where polls failed, what was resumed near its beginning looks as if it had begun then: the log tells too late.
      if (gap(startedAt) > POLL_MS + LATENCY_MS) over += gap(startedAt);
      // Its client says that it plays.
      if (identity.failed) over += endedAt - startedAt;
    }
    // A position tells when a pause began or ended, unless more has happened until the next poll that was read.
    const blind = turns.filter((turn) => turn.user === user && gap(turn.at) > POLL_MS + LATENCY_MS);
    for (const sharing of Map.groupBy(blind, ({ at }) => polls.find((poll) => poll > at)).values()) {
      const [turn] = sharing as [Turn];
      if (sharing.length === 1 && turn.placed) continue;
      under += gap(turn.at);
      over += gap(turn.at);
    }
    const seconds = (watchSeconds[user] ?? 0) + (coWatchSeconds[user] ?? 0);
    const counted = watched[user] ?? 0;
    const [least, most] = [seconds * 0.97 - under / 1000, seconds * 1.08 + over / 1000];
    if (counted < least || counted > most)
      wrong.push(`${user}: ${counted} s, not ${seconds}, nor from ${least} to ${most}`);
  }
  return wrong;
}

/** Who is silent for a minute, or has paused, neither plays nor gains. */
function ghostsOf({ active, gains, polls, away }: Outcome): string[] {
  const blind = (at: number): number => Math.max(0, gapAt(at, polls, away) - POLL_MS);
  const shown = active.filter(({ count, at, toldAt, paused }) => {
    const silence = (paused ? ACTIVE_MS.paused : ACTIVE_MS.playing) + LATENCY_MS;
    return count > 1 || at - toldAt > silence + Math.min(blind(at), STALE_MS);
  });
  // The first report after an outage may tell of what was played in it.
  const returns = (at: number): boolean => away.some((one) => at >= one && at - one <= RETURN_MS);
  const gained = gains.filter(
    ({ at, playedAt }) => !returns(at) && at - playedAt > ACTIVE_MS.playing + LATENCY_MS + blind(at - 2 * LATENCY_MS),
  );
  return [
    ...shown.map(({ session, at, toldAt }) => `${session} is active at ${at}, last told of at ${toldAt}`),
    ...gained.map(({ user, at, playedAt }) => `${user} gains time at ${at}, has last played at ${playedAt}`),
  ];
}

function transcodesOf({ truth, transcodes, starts }: Outcome): string[] {
  const { ffmpegJobs, ffmpegFailures } = truth.totals;
  const expected = { jellyfin_transcode_total: ffmpegJobs, jellyfin_transcode_failures_total: ffmpegFailures };
  // The simulated server writes its first log when it is told of a start: a folder without one may not be its own.
  const nothing = ffmpegJobs === 0 && starts.length === 0;
  return Object.entries(transcodes).flatMap(([source, counts]) =>
    Object.entries(expected).flatMap(([name, count]) =>
      counts[name] === count || (nothing && Number.isNaN(counts[name]))
        ? []
        : [`${name} by ${source}: ${counts[name]}, not ${count}`],
    ),
  );
}

/** What is not counted between polls that are too far apart. */
function unproven(from: number, to: number, polls: readonly number[]): number {
  let sum = 0;
  for (const [index, after] of polls.entries()) {
    const before = polls[index - 1] ?? after;
    if (after - before > PLACED_MS && before < to && after > from) sum += after - before + REPORT_MS - PROVEN_MS;
  }
  return sum;
}

/** Milliseconds between the two polls around a moment; with an outage in between, up to the first reports after it. */
function gapAt(at: number, polls: readonly number[], away: readonly number[]): number {
  const before = polls.findLast((poll) => poll <= at) ?? 0;
  const after = polls.find((poll) => poll > at) ?? at;
  const gap = after - before;
  return away.some((one) => one > before - POLL_MS && one < after + POLL_MS) ? gap + REPORT_MS + POLL_MS : gap;
}
