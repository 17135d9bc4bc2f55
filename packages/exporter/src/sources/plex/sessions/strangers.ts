import type { PlaybackState } from '@media-exporter/model';
import type { PlayerReport } from '../parse/notification.ts';
import { playbackState } from './classify.ts';
import type { Reaction } from './reaction.ts';

/** A player that reports under a key that no answer had yet. */
export interface Stranger {
  readonly ratingKey: string;
  readonly state: PlaybackState;
  /** When it last reported, in ms. */
  readonly at: number;
  /** Since when it reports that it plays. */
  readonly playingSince?: number;
  /** How many answers came without it. */
  readonly missed: number;
}

/** A session that the server does not show in so many answers is not looked for any more. */
const LOOKS = 3;

const MOST = 200;
const FORGOTTEN_AFTER = 600_000;

/** The sessions that only events told of. */
export class Strangers {
  readonly #strangers = new Map<string, Stranger>();

  report({ sessionKey, ratingKey, state }: PlayerReport, at: number): Reaction {
    const before = this.#strangers.get(sessionKey);
    if (state === 'stopped') {
      this.#strangers.delete(sessionKey);
      // A stop may come under another key than the session had.
      return { look: true };
    }
    const old = before?.ratingKey === ratingKey ? before : undefined;
    const next = playbackState(state) ?? old?.state;
    if (next === undefined) return { look: old === undefined, error: state === 'error' };
    const playingSince = next !== 'playing' ? undefined : old?.state === 'playing' ? old.playingSince : at;
    this.#strangers.set(sessionKey, {
      ratingKey,
      state: next,
      at,
      missed: old?.missed ?? 0,
      ...(playingSince === undefined ? {} : { playingSince }),
    });
    if (this.#strangers.size > MOST) this.forget(this.#strangers.keys().next().value as string);
    return {
      look: old === undefined || old.missed < LOOKS,
      buffering: next === 'buffering' && old?.state !== 'buffering',
      error: state === 'error',
    };
  }

  /** Hands over what was reported of a session, now that an answer has it. */
  take(sessionKey: string, ratingKey: string): Stranger | undefined {
    const stranger = this.#strangers.get(sessionKey);
    this.#strangers.delete(sessionKey);
    return stranger?.ratingKey === ratingKey || stranger?.ratingKey === '' ? stranger : undefined;
  }

  /** Told that an answer came: who is still here was not in it. */
  asked(at: number): void {
    for (const [key, stranger] of this.#strangers) {
      if (at - stranger.at > FORGOTTEN_AFTER) this.#strangers.delete(key);
      else this.#strangers.set(key, { ...stranger, missed: stranger.missed + 1 });
    }
  }

  forget(sessionKey: string): void {
    this.#strangers.delete(sessionKey);
  }

  clear(): void {
    this.#strangers.clear();
  }
}
