import { defineMetric, type Family, family, type Metric } from '@media-exporter/metrics';
import type { EncodingConfiguration, JellyfinPlugin, SystemInfo, UpReason } from '../state.ts';
import { LabelSums, oneHot } from './rows.ts';

const UP = defineMetric({
  name: 'jellyfin_up',
  type: 'gauge',
  help: 'Whether the server is healthy and answers with the API key (1) or not (0).',
  cost: '/health, /System/Info',
});
const UP_REASON = defineMetric({
  name: 'jellyfin_up_reason',
  type: 'gauge',
  help: 'Why the server is up or is not: 1 for the one reason that holds, 0 for the others. setup_server is each start of 10.11 and newer and the migrations in it; starting: the server says it is loading; wizard: it was never set up.',
  labels: { reason: 'public' },
});
const INFO = defineMetric({
  name: 'jellyfin_server_info',
  type: 'gauge',
  help: 'What the server says of itself; always 1.',
  labels: { version: 'public', server_name: 'public', server_id: 'public', product_name: 'public' },
});
const PENDING_RESTART = defineMetric({
  name: 'jellyfin_pending_restart',
  type: 'gauge',
  help: 'Whether the server waits to be restarted (1) or not (0).',
});
const PLUGIN = defineMetric({
  name: 'jellyfin_plugin_info',
  type: 'gauge',
  help: 'The plugins of the server with their status; the value is how many are alike.',
  labels: { name: 'public', version: 'public', status: 'public' },
  cost: '/Plugins',
});
const HARDWARE = defineMetric({
  name: 'jellyfin_transcode_hw_acceleration',
  type: 'gauge',
  help: 'The hardware acceleration that the server is set to: 1 for the configured type, 0 for the others. It does not tell what a single job uses.',
  labels: { type: 'public' },
  cost: '/System/Configuration/encoding',
});
const HARDWARE_ENCODING = defineMetric({
  name: 'jellyfin_transcode_hw_encoding_enabled',
  type: 'gauge',
  help: 'Whether the server is set to encode in hardware too (1), or to decode only (0).',
});

/** Told of every server. */
export const UP_CATALOGUE: readonly Metric[] = [UP, UP_REASON];
/** Told where `system` is collected. */
export const SYSTEM_CATALOGUE: readonly Metric[] = [INFO, PENDING_RESTART, PLUGIN, HARDWARE, HARDWARE_ENCODING];

const REASONS: readonly UpReason[] = [
  'ok',
  'unreachable',
  'starting',
  'setup_server',
  'wizard',
  'unauthorized',
  'error',
];

const ACCELERATORS = ['none', 'amf', 'qsv', 'nvenc', 'v4l2m2m', 'vaapi', 'videotoolbox', 'rkmpp'];

export interface SystemDetail {
  readonly info?: SystemInfo;
  readonly plugins?: readonly JellyfinPlugin[];
  readonly encoding?: EncodingConfiguration;
}

export function upFamilies(reason: UpReason): Family[] {
  return [family(UP, reason === 'ok' ? 1 : 0), { metric: UP_REASON, samples: oneHot(REASONS, reason) }];
}

export function systemFamilies({ info, plugins, encoding }: SystemDetail): Family[] {
  const families: Family[] = [];
  if (info !== undefined) {
    const { version, name, id, product, pendingRestart } = info;
    const labels = { version, server_name: name, server_id: id, product_name: product };
    families.push(family(INFO, [[labels, 1]]));
    if (pendingRestart !== undefined) families.push(family(PENDING_RESTART, pendingRestart ? 1 : 0));
  }
  if (plugins !== undefined) {
    const sums = new LabelSums();
    for (const { name, version, status } of plugins) sums.add([name, version, status]);
    families.push(sums.family(PLUGIN));
  }
  if (encoding !== undefined) {
    families.push({ metric: HARDWARE, samples: oneHot(ACCELERATORS, encoding.hardware) });
    if (encoding.hardwareEncoding !== undefined) {
      families.push(family(HARDWARE_ENCODING, encoding.hardwareEncoding ? 1 : 0));
    }
  }
  return families;
}
