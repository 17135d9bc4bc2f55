import type { Clock, Family, Metric } from '@media-exporter/metrics';
import type { Secret } from '../config/secrets.ts';
import type { Problem } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { StateScope } from '../state/store.ts';
import type { ServerType } from '../upstream-errors.ts';

/** One media server that is watched. */
export interface Source {
  /** The name in the configuration. */
  readonly id: string;
  readonly type: ServerType;
  /** All that its native families can be, by the collectors that give them, as those are named in the metrics about them. */
  readonly catalogues: ReadonlyMap<string, readonly Metric[]>;
  /** All that its families of the vocabulary can be that every media server shares. */
  readonly unifiedCatalogue: readonly Metric[];
  /** Connects and subscribes. Never throws because a server is down. */
  start(): Promise<void>;
  /**
   * Brings the state up to date. Callers that come while it runs share one round of requests. Resolves also when the
   * server failed, which {@link Source.snapshot} tells; rejects with the reason of `deadline` when that passes first,
   * and the round goes on for who comes next.
   */
  refresh(deadline: AbortSignal): Promise<void>;
  /** What is known now, whole and immutable. */
  snapshot(): SourceSnapshot;
  stop(): Promise<void>;
}

export interface SourceSnapshot {
  /** Whether the server answered the last time it was asked; `undefined` before it was asked. */
  readonly up: boolean | undefined;
  /** Empty when the last round failed: what is not known is absent. */
  readonly families: readonly Family[];
  /** Families that all media servers share, `media_*`: their label `server` names the source already. */
  readonly unified: readonly Family[];
  readonly collectors: readonly CollectorStatus[];
}

/** How the last run of one collector of a source went. */
export interface CollectorStatus {
  readonly name: string;
  readonly success: boolean;
  readonly seconds: number;
  /** Milliseconds since the epoch; `undefined` when it has never succeeded. */
  readonly lastSuccess: number | undefined;
  readonly problem?: Problem;
}

/** How one request to a media server ended. */
export type RequestOutcome =
  | 'success'
  | 'connect'
  | 'timeout'
  | 'unauthorized'
  | 'forbidden'
  | 'status'
  | 'too_large'
  | 'invalid';

export interface RequestReport {
  /** The path, from a closed set: never a URL with parameters. */
  readonly endpoint: string;
  readonly outcome: RequestOutcome;
  readonly seconds: number;
  /** The status of the answer, when there was one. */
  readonly status?: number;
  /** Bytes of the body that were read. */
  readonly bytes: number;
}

/** What every source is given. */
export interface SourceContext {
  readonly clock: Clock;
  /** From 0 to 1; for jitter. */
  readonly random: () => number;
  readonly log: Logger;
  /** What the source keeps over restarts. */
  readonly state: StateScope;
  /** Reads the secret again from its file; answers the old one where it cannot have changed. May reject. */
  readonly renewSecret?: () => Promise<Secret | undefined>;
  /** The certificates of `tls.ca_file` as PEM text. */
  readonly ca?: string;
  /** Told of each request that was sent. */
  readonly onRequest: (report: RequestReport) => void;
  /** Told when a server that was up, and then down, is up again. */
  readonly onReconnect: () => void;
}
