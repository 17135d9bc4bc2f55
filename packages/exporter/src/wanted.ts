import type { Clock } from '@media-exporter/metrics';
import type { SourceSettings } from './config/schema.ts';
import type { Secret } from './config/secrets.ts';
import type { Settings } from './config/settings.ts';
import type { Wanted } from './inventory.ts';
import type { Logger } from './log.ts';
import type { createSource } from './sources/factory.ts';
import type { Privacy } from './sources/privacy.ts';
import type { RequestReport, SourceContext } from './sources/source.ts';
import type { StateStore } from './state/store.ts';

/** What the sources of an exporter share. */
export interface Surroundings {
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
  readonly store: StateStore;
  readonly createSource: typeof createSource;
  /** Told of each request that the source of a name sent. */
  readonly onRequest: (source: string, report: RequestReport) => void;
  readonly onReconnect: (source: string) => void;
  /** Told of each secret that was read again. */
  readonly onSecret: (secret: Secret) => void;
}

/** A source as its configuration wants it. Its key changes with all that it is made from. */
export function wantedOf(settings: SourceSettings, loaded: Settings, around: Surroundings): Wanted {
  const { name, native, unified, series_budget: seriesBudget } = settings;
  const { config, secrets, pseudonymKey, authorities } = loaded;
  const secret = secrets.get(name);
  const { users, titles, addresses } = config.privacy;
  const privacy: Privacy = { users, titles, addresses, key: pseudonymKey };
  const marks = [secret?.fingerprint(), authorities.get(name), users, titles, addresses, pseudonymKey.fingerprint()];
  return {
    name,
    // Of a secret its fingerprint only.
    key: JSON.stringify([{ ...settings, secret: undefined, token: undefined }, ...marks]),
    seriesBudget,
    native,
    unified,
    create: () => around.createSource(settings, secret, privacy, contextOf(settings, loaded, around)),
  };
}

function contextOf({ name, type }: SourceSettings, loaded: Settings, around: Surroundings): SourceContext {
  const { clock, random, log, store } = around;
  const ca = loaded.authorities.get(name);
  return {
    clock,
    random,
    log,
    state: store.scope(`${type}/${name}`),
    ...(ca === undefined ? {} : { ca }),
    async renewSecret() {
      const secret = await loaded.rereadSecret(name);
      if (secret !== undefined) around.onSecret(secret);
      return secret;
    },
    onRequest(report) {
      log.debug({ source: name, ...report }, 'asked a media server');
      around.onRequest(name, report);
    },
    onReconnect: () => around.onReconnect(name),
  };
}
