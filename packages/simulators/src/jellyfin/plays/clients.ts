import type { Clock } from '@media-exporter/metrics';
import type { ActivityLog } from '../activity.ts';
import type { Item } from '../library/item.ts';
import { type ClientOptions, deviceOf, type PlayOptions } from '../options.ts';
import type { Account, Device } from '../people.ts';
import type { Encoder } from '../transcoding/encoder.ts';
import type { Truth } from '../truth.ts';
import { SimulatedPlay } from './play.ts';
import type { PlayHost } from './play-host.ts';
import { sessionId } from './session.ts';
import type { Sessions } from './sessions.ts';

/** @internal The server as its clients reach it. */
export interface ClientsHost {
  readonly clock: Clock;
  readonly truth: Truth;
  readonly sessions: Sessions;
  readonly encoder: Encoder;
  readonly activity: ActivityLog;
  date(): number;
  /** What a client sends to a server that is not ready is lost. */
  ready(): boolean;
  /** @throws RangeError when there is no such user. */
  account(name?: string): Account;
}

/** @internal Everybody who uses the server, and what they play. */
export class Clients {
  readonly #host: ClientsHost;
  readonly #playHost: PlayHost;
  readonly #plays = new Set<SimulatedPlay>();

  constructor(host: ClientsHost) {
    this.#host = host;
    this.#playHost = playHost(host);
  }

  /** @throws RangeError when there is no such user. */
  play(options: PlayOptions & { readonly item: Item }): SimulatedPlay {
    const { user, client, clientVersion, device, deviceId, address, ...settings } = options;
    const play = new SimulatedPlay(this.#playHost, {
      ...settings,
      user: this.#host.account(user),
      device: deviceOf(options),
    });
    this.#plays.add(play);
    return play;
  }

  /** @throws RangeError when there is no such user. */
  browse(options: ClientOptions): void {
    signIn(this.#host, deviceOf({ device: 'Firefox', ...options }), this.#host.account(options.user));
  }

  /** Where a play is, seconds into its item. */
  position(playSessionId: string): number | undefined {
    return [...this.#plays].find((play) => play.playSessionId === playSessionId)?.position;
  }

  /** Brings the truth up to now. */
  settle(): void {
    for (const play of this.#plays) play.settle();
  }
}

/** A client signs in: a session of its device, and two entries of the activity log. */
function signIn({ sessions, activity, ready, date }: ClientsHost, device: Device, user: Account): void {
  if (!ready()) return;
  user.lastLogin = date();
  user.lastActivity = date();
  sessions.touch(device, user).capable = true;
  const name = `${user.name} successfully authenticated`;
  activity.add({
    type: 'AuthenticationSucceeded',
    name,
    userId: user.id,
    shortOverview: `IP address: ${device.address}`,
  });
}

/** What the plays of a server need of it. */
function playHost(host: ClientsHost): PlayHost {
  const { sessions, encoder, ready } = host;
  const others = (device: Device): Account[] =>
    sessions.list.find(({ id }) => id === sessionId(device))?.additional ?? [];
  return {
    clock: host.clock,
    truth: host.truth,
    signIn: (device, user) => signIn(host, device, user),
    report: (kind, device, user, report) => {
      if (!ready()) return;
      user.lastActivity = host.date();
      sessions[kind](device, user, report);
    },
    transcode: (device, item, playSessionId, from, options) => {
      if (ready()) encoder.start({ deviceId: device.id, item, playSessionId, from, options });
    },
    endTranscode: (playSessionId) => {
      if (ready()) encoder.stop(playSessionId);
    },
    together: others,
    join: (device, name) => {
      others(device).push(host.account(name));
    },
    leave: (device, name) => {
      const list = others(device);
      list.splice(0, list.length, ...list.filter((account) => account.name !== name));
    },
    signOut: (device) => {
      if (ready()) sessions.remove(device);
    },
  };
}
