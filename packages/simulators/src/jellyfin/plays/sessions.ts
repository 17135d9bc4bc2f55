import type { Clock } from '@media-exporter/metrics';
import type { ActivityLog } from '../activity.ts';
import type { ServerLog } from '../logs/server-log.ts';
import type { Account, Device } from '../people.ts';
import { TICKS_PER_SECOND, ticks } from '../text.ts';
import {
  type PlayMethod,
  positionTicks,
  type Report,
  type Session,
  sessionId,
  type TranscodingInfo,
} from './session.ts';

/** The server's own timer advances positions, and looks for who fell silent. */
const TICK_MS = 1000;
const IDLE_CHECK_MS = 300_000;
const IDLE_MS = 300_000;

/** @internal What the sessions need of their server. */
export interface SessionsHost {
  readonly clock: Clock;
  /** The server's date, milliseconds since the epoch. */
  date(): number;
  readonly activity: ActivityLog;
  readonly log: ServerLog;
  /** Whether ffmpeg works, or worked, for this play session. */
  hasJob(playSessionId: string): boolean;
  /** A sign of life: keeps ffmpeg at work. */
  ping(playSessionId: string): void;
  /** Something changed: the listeners of the socket are told. */
  changed(): void;
}

/** The sessions of the server, and what it makes of its clients' reports. All is lost with a restart. */
export class Sessions {
  readonly #host: SessionsHost;
  readonly #sessions = new Map<string, Session>();
  #stopIdleCheck: (() => void) | undefined;

  constructor(host: SessionsHost) {
    this.#host = host;
  }

  /** The most recently active first, as the server lists them. */
  get list(): readonly Session[] {
    return [...this.#sessions.values()].sort((a, b) => b.lastActivity - a.lastActivity);
  }

  /** The session of a device, made when there is none: any request of a client does. */
  touch(device: Device, user: Account | undefined): Session {
    const id = sessionId(device);
    const now = this.#host.date();
    const known = this.#sessions.get(id);
    if (known !== undefined) {
      known.lastActivity = now;
      return known;
    }
    const session: Session = {
      id,
      device,
      user,
      additional: [],
      lastActivity: now,
      capable: false,
      lastCheckIn: 0,
      pausedAt: 0,
      playing: undefined,
      transcoding: undefined,
      active: true,
      stopTimer: () => {},
    };
    this.#sessions.set(id, session);
    if (user !== undefined) this.#say(session, 'SessionStarted', `${user.name} is online from ${device.name}`);
    return session;
  }

  start(device: Device, user: Account, report: Report): void {
    const session = this.touch(device, user);
    this.#update(session, report, false);
    for (const account of [user, ...session.additional]) {
      const count = (account.playCounts.get(report.item.id)?.count ?? 0) + 1;
      account.playCounts.set(report.item.id, { count, last: this.#host.date() });
    }
    this.#say(
      session,
      this.#kind(report),
      `${user.name} is playing ${titleOf(report)} on ${device.name}`,
      report.item.id,
    );
    this.#host.log.write(
      'INF',
      'Emby.Server.Implementations.Session.SessionManager',
      `User "${user.name}" started playback of '"${titleOf(report)}"' ("${device.client}" "${device.version}")`,
    );
    this.#host.changed();
  }

  progress(device: Device, user: Account, report: Report): void {
    this.#update(this.touch(device, user), report, false);
    this.#host.changed();
  }

  stop(device: Device, user: Account, report: Report): void {
    this.#end(this.touch(device, user), report);
  }

  /** A client goes for good, and says so. */
  remove(device: Device): void {
    const session = this.#sessions.get(sessionId(device));
    if (session === undefined) return;
    session.stopTimer();
    this.#sessions.delete(session.id);
    if (session.user !== undefined) {
      this.#say(session, 'SessionEnded', `${session.user.name} has disconnected from ${device.name}`);
    }
    this.#host.changed();
  }

  /** Tells the first session of the device, which may be the wrong one, what ffmpeg does. */
  attach(deviceId: string, info: TranscodingInfo | undefined): void {
    let first: Session | undefined;
    for (const session of this.#sessions.values()) {
      if (session.device.id !== deviceId) continue;
      if (first === undefined || session.lastActivity > first.lastActivity) first = session;
    }
    if (first !== undefined) first.transcoding = info;
  }

  /** With a restart. */
  clear(): void {
    for (const session of this.#sessions.values()) session.stopTimer();
    this.#sessions.clear();
    this.#stopIdleCheck?.();
    this.#stopIdleCheck = undefined;
  }

  #update(session: Session, report: Report, automated: boolean): void {
    const now = this.#host.date();
    session.lastActivity = now;
    if (!automated) {
      session.lastCheckIn = now;
      session.pausedAt = report.paused ? session.pausedAt || now : 0;
      session.playing = { ...report, method: this.#believed(report), ticks: positionTicks(report) };
      this.#startTimer(session);
    }
    if (session.playing?.method !== 'Transcode') this.attach(session.device.id, undefined);
    this.#host.ping(report.playSessionId);
  }

  /** `Transcode` without ffmpeg's work is stored as direct play; the other two claims are believed. */
  #believed({ method, playSessionId }: Report): PlayMethod {
    return method === 'Transcode' && !this.#host.hasJob(playSessionId) ? 'DirectPlay' : method;
  }

  #startTimer(session: Session): void {
    session.stopTimer();
    const tick = (): void => {
      session.stopTimer = this.#host.clock.after(TICK_MS, tick);
      this.#advance(session);
    };
    session.stopTimer = this.#host.clock.after(TICK_MS, tick);
    this.#stopIdleCheck ??= this.#host.clock.after(IDLE_CHECK_MS, () => this.#checkIdle());
  }

  /** The position runs on, whether the player does or not, up to the end of the item. */
  #advance(session: Session): void {
    const { playing } = session;
    if (playing === undefined || playing.paused) return;
    const next = playing.ticks + TICKS_PER_SECOND;
    if (playing.item.runtime !== undefined && next >= ticks(playing.item.runtime)) return;
    playing.ticks = next;
    this.#update(session, playing, true);
  }

  #checkIdle(): void {
    this.#stopIdleCheck = undefined;
    const limit = this.#host.date() - IDLE_MS;
    for (const session of this.list) {
      if (session.playing !== undefined && session.lastCheckIn < limit) this.#end(session, session.playing);
    }
    if (this.list.some(({ playing }) => playing !== undefined)) {
      this.#stopIdleCheck = this.#host.clock.after(IDLE_CHECK_MS, () => this.#checkIdle());
    }
  }

  #end(session: Session, report: Report): void {
    session.stopTimer();
    session.playing = undefined;
    session.pausedAt = 0;
    this.attach(session.device.id, undefined);
    const who = session.user?.name ?? '';
    const text = `${who} has finished playing ${titleOf(report)} on ${session.device.name}`;
    this.#say(session, `${this.#kind(report)}Stopped`, text, report.item.id);
    this.#host.changed();
  }

  #kind({ item }: Report): string {
    return item.type === 'Audio' ? 'AudioPlayback' : 'VideoPlayback';
  }

  #say(session: Session, type: string, name: string, itemId?: string): void {
    const address = type.startsWith('Session') ? `IP address: ${session.device.address}` : undefined;
    this.#host.activity.add({ type, name, userId: session.user?.id, itemId, shortOverview: address });
  }
}

function titleOf({ item }: Report): string {
  return item.series === undefined ? item.name : `${item.series.name} - ${item.name}`;
}
