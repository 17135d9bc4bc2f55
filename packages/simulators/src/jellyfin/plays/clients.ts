import type { Clock } from '@media-exporter/metrics';
import type { ActivityLog } from '../activity.ts';
import type { Account, Device } from '../people.ts';
import type { Encoder } from '../transcoding/encoder.ts';
import type { Truth } from '../truth.ts';
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
  account(name: string): Account;
}

/** A client signs in: a session of its device, and two entries of the activity log. */
export function signIn({ sessions, activity, ready, date }: ClientsHost, device: Device, user: Account): void {
  if (!ready()) return;
  user.lastLogin = date();
  user.lastActivity = date();
  sessions.touch(device, user);
  const name = `${user.name} successfully authenticated`;
  activity.add({
    type: 'AuthenticationSucceeded',
    name,
    userId: user.id,
    shortOverview: `IP address: ${device.address}`,
  });
}

/** What the plays of a server need of it. */
export function playHost(host: ClientsHost): PlayHost {
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
