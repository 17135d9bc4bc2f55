import type { ObservedSession } from '../src/play/observation.ts';

/** A stretch of one item in which nothing changes. */
export interface Scene {
  readonly state: 'playing' | 'paused' | 'buffering';
  readonly milliseconds: number;
  readonly bitrate: number;
  readonly quality: string;
  /** Where it goes to first, in seconds. */
  readonly seekTo?: number;
}

/** One player: items one after the other, and what becomes of it in the end. */
export interface Script {
  readonly startsAt: number;
  readonly items: readonly (readonly Scene[])[];
  /** Whether the items follow each other under one key, as some players have it. */
  readonly sameKey: boolean;
}

/** What was really played of one item. */
export interface Truth {
  readonly item: string;
  readonly seconds: number;
  readonly bytes: number;
  /** How often it began to play, and how often it ceased to. */
  readonly starts: number;
  readonly stops: number;
}

export interface Attributes {
  readonly item: string;
  readonly quality: string;
}

/** A moment at which something changes: for a session, or its end. */
export interface Change {
  readonly at: number;
  readonly player: number;
  readonly endedSlot?: number;
}

interface Stretch extends Scene {
  readonly from: number;
  readonly to: number;
  readonly item: string;
  readonly slot: number;
  readonly position: number;
}

/** Players whose script is known: what a server would tell at any moment, and the truth. Times are in milliseconds. */
export class Household {
  readonly #players: readonly (readonly Stretch[])[];
  readonly #restarts: readonly number[];
  readonly #slots: number;
  readonly endsAt: number;

  /** @param restarts when the server is started anew: keys then mean other sessions. */
  constructor(scripts: readonly Script[], restarts: readonly number[] = []) {
    let slots = 0;
    this.#players = scripts.map(({ startsAt, items, sameKey }, player) => {
      const stretches: Stretch[] = [];
      let from = startsAt;
      for (const [index, scenes] of items.entries()) {
        if (index === 0 || !sameKey) slots++;
        let position = 0;
        for (const scene of scenes) {
          position = scene.seekTo ?? position;
          const to = from + scene.milliseconds;
          stretches.push({ ...scene, from, to, item: `${player}.${index}`, slot: slots - 1, position });
          if (scene.state === 'playing') position += scene.milliseconds / 1000;
          from = to;
        }
      }
      return stretches;
    });
    this.#slots = slots;
    this.#restarts = restarts;
    this.endsAt = Math.max(0, ...this.#players.flat().map(({ to }) => to));
  }

  epoch(at: number): string {
    return `epoch ${this.#epochs(at)}`;
  }

  key(slot: number, at: number): string {
    return String(1 + ((slot + this.#epochs(at)) % this.#slots));
  }

  session(player: number, at: number): ObservedSession<Attributes> | undefined {
    const stretch = this.#players[player]?.find(({ from, to }) => from <= at && at < to);
    if (stretch === undefined) return undefined;
    const { item, slot, quality, bitrate, state, position, from } = stretch;
    const playing = state === 'playing';
    return {
      ...{ key: this.key(slot, at), item, party: `party ${player}`, playing, attributes: { item, quality } },
      bitrateBitsPerSecond: bitrate,
      positionSeconds: position + (playing ? (at - from) / 1000 : 0),
    };
  }

  sessions(at: number): ObservedSession<Attributes>[] {
    return this.#players.flatMap((_, player) => this.session(player, at) ?? []);
  }

  /** All changes, in the order of their time. */
  changes(): Change[] {
    return this.#players
      .flatMap((stretches, player) =>
        stretches.flatMap(({ from, to, slot }, i): Change[] => {
          const next = stretches[i + 1];
          const ended = next?.slot === slot ? [] : [{ at: to, player, endedSlot: slot }];
          return [{ at: from, player }, ...ended];
        }),
      )
      .sort((a, b) => a.at - b.at);
  }

  truths(): Truth[] {
    const items = Map.groupBy(this.#players.flat(), ({ item }) => item);
    return [...items].map(([item, stretches]) => {
      const playing = stretches.map(({ state }) => state === 'playing');
      const played = stretches.filter(({ state }) => state === 'playing');
      const starts = playing.filter((now, i) => now && playing[i - 1] !== true).length;
      return {
        item,
        seconds: played.reduce((sum, { milliseconds }) => sum + milliseconds / 1000, 0),
        bytes: played.reduce((sum, { milliseconds, bitrate }) => sum + (milliseconds / 8000) * bitrate, 0),
        starts,
        stops: starts,
      };
    });
  }

  /** Seconds of an item by quality. */
  qualities(item: string): Map<string, number> {
    const seconds = new Map<string, number>();
    for (const stretch of this.#players.flat()) {
      if (stretch.item !== item || stretch.state !== 'playing') continue;
      seconds.set(stretch.quality, (seconds.get(stretch.quality) ?? 0) + stretch.milliseconds / 1000);
    }
    return seconds;
  }

  #epochs(at: number): number {
    return this.#restarts.filter((restart) => restart <= at).length;
  }
}
