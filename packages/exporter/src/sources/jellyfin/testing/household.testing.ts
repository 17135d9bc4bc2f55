import {
  channelAt,
  type Item,
  type SimulatedJellyfin,
  type SimulatedPlay,
} from '../../../../../simulators/src/jellyfin/index.ts';
import type { Act, RandomClient, RandomEvening, Turning, Visit } from './random-evening.testing.ts';

/** From the end of a player to the report that it had sent before. Milliseconds. */
const LATE_MS = 80;

/** What an application has last told of itself. */
export interface Sign {
  readonly user: string;
  readonly client: string;
  readonly paused: boolean;
  /** By the clock of the server, which is that of the test. */
  readonly at: number;
}

/** Milliseconds by the clock of the test. */
export interface Turn {
  readonly user: string;
  readonly at: number;
  /** Nothing is told from then on. */
  readonly silent: boolean;
  /** Whether the position of the player tells when it was. */
  readonly placed: boolean;
}

/** The viewers of an evening, and what they really do. */
export class Household {
  readonly #jellyfin: SimulatedJellyfin;
  readonly #now: () => number;
  readonly #names: readonly string[];
  readonly #screens: readonly Screen[];
  readonly #turns: Turn[] = [];
  readonly #playedAt = new Map<string, number>();

  /** Of so many users. */
  static namesOf(users: number): string[] {
    return Array.from({ length: users }, (_, index) => `user${index + 1}`);
  }

  constructor(jellyfin: SimulatedJellyfin, { clients, users }: RandomEvening, now: () => number) {
    this.#jellyfin = jellyfin;
    this.#now = now;
    this.#names = Household.namesOf(users);
    this.#screens = clients.map((client) => new Screen(this, client));
  }

  get over(): boolean {
    return this.#screens.every(({ over }) => over);
  }

  /** The last signs of all applications. */
  get signs(): readonly Sign[] {
    return this.#screens.flatMap(({ signs }) => signs);
  }

  /** Notes who plays now. */
  note(): void {
    for (const user of this.#screens.flatMap(({ watching }) => watching)) this.#playedAt.set(user, this.now);
  }

  /** When a user last really played, or watched along, as far as it was noted; 0 for never. */
  playedAt(user: string): number {
    return this.#playedAt.get(user) ?? 0;
  }

  /** When somebody has paused, resumed, sought or come along, the oldest first. */
  get turns(): readonly Turn[] {
    return this.#turns;
  }

  get now(): number {
    return this.#now();
  }

  begin(): void {
    for (const screen of this.#screens) screen.next();
  }

  after(ms: number, task: () => void): void {
    this.#jellyfin.after(ms, task);
  }

  name(user: number): string {
    return this.#names[user % this.#names.length] as string;
  }

  item(number: number): Item {
    const jellyfin = this.#jellyfin;
    const items = [
      jellyfin.item('Movies', 0),
      jellyfin.item('Movies', 3),
      jellyfin.item('Shows', 0),
      jellyfin.item('Shows', 1),
      jellyfin.item('Music', 0),
      channelAt(1),
    ];
    return items[number % items.length] as Item;
  }

  play({ client, deviceId }: RandomClient, { user, item, from, options }: Visit): SimulatedPlay {
    const what = this.item(item);
    const whose = { user: this.name(user), client, deviceId, device: deviceId };
    return this.#jellyfin.play({ ...options, ...whose, item: what, from: Math.floor(from * (what.runtime ?? 0)) });
  }

  /** Somebody's player has gone over to something else. */
  turned(user: string, { silent = false, placed = false }: Partial<Turn> = {}): void {
    this.#turns.push({ user, at: this.now, silent, placed });
  }
}

/** An application on a device: one visit after the other. */
class Screen {
  readonly #house: Household;
  readonly #client: RandomClient;
  #visit = 0;
  #play: SimulatedPlay | undefined;
  #paused = false;
  #silent = false;
  #guest: string | undefined;
  /** By the user. */
  readonly #told = new Map<string, Sign>();
  over = false;

  constructor(house: Household, client: RandomClient) {
    this.#house = house;
    this.#client = client;
  }

  get signs(): readonly Sign[] {
    this.#sign();
    return [...this.#told.values()];
  }

  get watching(): readonly string[] {
    if (this.#play?.playing !== true || this.#paused) return [];
    return [this.#play.user.name, ...(this.#guest === undefined ? [] : [this.#guest])];
  }

  next(): void {
    const visit = this.#client.visits[this.#visit];
    this.#visit += 1;
    if (visit === undefined) {
      this.over = true;
      return;
    }
    this.#house.after(visit.after, () => {
      // Another person signs in only where the one before has signed out.
      if (this.#play !== undefined && this.#play.user.name !== this.#house.name(visit.user)) this.#signOut();
      this.#play = this.#house.play(this.#client, visit);
      this.#paused = false;
      this.#silent = false;
      this.#go(visit.acts);
    });
  }

  #go([act, ...rest]: readonly Act[]): void {
    if (act === undefined) {
      this.next();
      return;
    }
    this.#house.after(act.after, () => {
      this.#sign();
      this.#house.note();
      this.#act(act, this.#play as SimulatedPlay);
      this.#house.note();
      this.#go(rest);
    });
  }

  #act(act: Act, play: SimulatedPlay): void {
    switch (act.does) {
      case 'stop':
        play.stop();
        return;
      case 'stop, lost':
        play.stop({ lost: true });
        return;
      case 'stop, late':
        this.#stopLate(play);
        return;
      case 'die':
        play.kill();
        return;
      case 'sign out':
        this.#signOut();
        return;
    }
    if (play.playing) this.#turn(act, play);
  }

  #turn(act: Turning, play: SimulatedPlay): void {
    // Nobody seeks in live television.
    if (act.does === 'seek' && play.item.runtime === undefined) return;
    switch (act.does) {
      case 'pause':
        play.pause({ silent: act.silent });
        break;
      case 'resume':
        play.resume();
        break;
      case 'seek':
        play.seek(Math.floor(act.to * (play.item.runtime ?? 0)));
        break;
      case 'change quality':
        play.setQuality(act.transcode);
        break;
      case 'play next':
        play.next(this.#house.item(act.item), { stopped: act.stopped });
        break;
      case 'join':
        this.#join(play, this.#house.name(act.user));
        break;
      case 'leave':
        this.#leave(play);
        break;
    }
    const told = act.does !== 'join' && act.does !== 'leave';
    if (told) this.#silent = act.does === 'pause' && act.silent;
    if (act.does === 'pause') this.#paused = true;
    if (act.does === 'resume' || act.does === 'play next') this.#paused = false;
    const placed = told && act.does !== 'seek' && play.item.runtime !== undefined;
    for (const user of [play.user.name, this.#guest])
      if (user !== undefined) this.#house.turned(user, { silent: this.#silent, placed });
    if (told) this.#tell();
  }

  #join(play: SimulatedPlay, name: string): void {
    if (name === play.user.name || this.#guest !== undefined) return;
    play.join(name);
    this.#guest = name;
  }

  #leave(play: SimulatedPlay): void {
    if (this.#guest === undefined) return;
    play.leave(this.#guest);
    this.#house.turned(this.#guest);
    this.#guest = undefined;
  }

  /** A report from before its end comes after it. */
  #stopLate(play: SimulatedPlay): void {
    const late = play.playing;
    play.stop();
    if (!late) return;
    this.#house.after(LATE_MS, () => {
      play.lateReport();
      this.#tell();
    });
  }

  #signOut(): void {
    this.#play?.signOut();
    this.#guest = undefined;
  }

  /** Notes what it has told up to now. */
  #sign(): void {
    if (this.#play?.playing === true && !this.#silent) this.#tell();
  }

  #tell(): void {
    if (this.#play === undefined) return;
    const { client } = this.#client;
    const { name } = this.#play.user;
    this.#told.set(name, { user: name, client, paused: this.#paused, at: this.#house.now });
  }
}
