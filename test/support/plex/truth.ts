import type { SimulatedPlex } from '@media-exporter/simulators/plex';
import type { Exposition } from '../exposition.ts';

interface Sum {
  plays: number;
  seconds: number;
}

/** What was counted and what is true, by who played what on which kind of player. */
export function compareWithTruth(
  exposition: Exposition,
  plex: SimulatedPlex,
): ReadonlyMap<string, { readonly counted: Readonly<Sum>; readonly true: Readonly<Sum> }> {
  const sums = new Map<string, { counted: Sum; true: Sum }>();
  const of = (...who: readonly (string | undefined)[]): { counted: Sum; true: Sum } => {
    const nothing = { counted: { plays: 0, seconds: 0 }, true: { plays: 0, seconds: 0 } };
    const found = sums.get(who.join(', ')) ?? nothing;
    sums.set(who.join(', '), found);
    return found;
  };
  for (const [field, name] of [
    ['plays', 'plays_total'],
    ['seconds', 'play_seconds_total'],
  ] as const) {
    for (const { labels, value } of exposition.series(name)) {
      of(labels.user, labels.grandchild_title || labels.title, labels.device_type).counted[field] += value as number;
    }
  }
  for (const { identity, plays, seconds } of plex.truth.records) {
    if (identity.kind === 'theme' || identity.kind === 'ghost') continue;
    const player = plex.players.find(({ title }) => title === identity.player);
    const { true: sum } = of(identity.user, identity.title, player?.product);
    sum.plays += plays;
    sum.seconds += seconds;
  }
  return sums;
}
