import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LocalError } from '../local.ts';
import { known } from '../parse/json.ts';
import type { GroupFigures } from './figures.ts';

/**
 * What a control group (version 2) tells of the server and of each ffmpeg that it has started. Controllers that are not
 * switched on tell nothing.
 *
 * @throws ExporterError `MX_LOCAL_READ` when there is no such group.
 */
export async function readGroup(folder: string): Promise<GroupFigures> {
  const cpu = await readFile(join(folder, 'cpu.stat'), 'utf8').catch((error: unknown) => {
    throw new LocalError('the control group', error);
  });
  const optional = (name: string): Promise<string> => readFile(join(folder, name), 'utf8').catch(() => '');
  const micros = field(cpu, 'usage_usec');
  const io = await optional('io.stat');
  return known<GroupFigures>({
    cpuSeconds: micros === undefined ? undefined : micros / 1_000_000,
    memoryBytes: whole(await optional('memory.current')),
    anonymousBytes: field(await optional('memory.stat'), 'anon'),
    readBytes: sum(io, 'rbytes'),
    writtenBytes: sum(io, 'wbytes'),
    processes: whole(await optional('pids.current')),
    cpus: quotient(await optional('cpu.max')),
  });
}

function field(text: string, name: string): number | undefined {
  const value = new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1];
  return value === undefined ? undefined : Number(value);
}

function whole(text: string): number | undefined {
  return /^\d+\s*$/.test(text) ? Number(text) : undefined;
}

/** Of quota and period; without a limit the quota is `max`. */
function quotient(text: string): number | undefined {
  const [, quota, period] = /^([1-9]\d*) ([1-9]\d*)\s*$/.exec(text) ?? [];
  return quota === undefined ? undefined : Number(quota) / Number(period);
}

/** Over all devices. */
function sum(text: string, name: string): number | undefined {
  const values = [...text.matchAll(new RegExp(`\\b${name}=(\\d+)`, 'g'))].map(([, value]) => Number(value));
  return values.length === 0 ? undefined : values.reduce((a, b) => a + b, 0);
}
