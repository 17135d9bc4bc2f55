import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LocalError } from '../local.ts';
import { known } from '../parse/json.ts';
import type { ProcessFigures } from './figures.ts';

/** What the kernel counts processor time in, for programs: the same on each architecture that Node.js runs on. */
const TICKS_PER_SECOND = 100;

/**
 * What `/proc` tells of the process whose number stands in a file. What may not be read, as often its input and output
 * and its open files, is absent.
 *
 * @throws ExporterError `MX_LOCAL_READ` when there is no such process, or none that is to be seen.
 */
export async function readProcess(pidFile: string, proc = '/proc'): Promise<ProcessFigures> {
  const pid = (await read(pidFile, 'the pid file')).trim();
  if (!/^\d{1,10}$/.test(pid)) throw new LocalError('the pid file', { code: 'no number in it' });
  const folder = join(proc, pid);
  const stat = parseStat(await read(join(folder, 'stat'), 'the process of the pid file'));
  const status = await read(join(folder, 'status'), 'the process of the pid file');
  const io = await readFile(join(folder, 'io'), 'utf8').catch(() => '');
  const boot = await readFile(join(proc, 'stat'), 'utf8').catch(() => '');
  const files = await readdir(join(folder, 'fd')).catch(() => undefined);
  const bootTime = field(boot, 'btime');
  return known<ProcessFigures>({
    cpuSeconds: stat?.cpuSeconds,
    residentBytes: kilobytes(status, 'VmRSS'),
    virtualBytes: kilobytes(status, 'VmSize'),
    startTime: stat === undefined || bootTime === undefined ? undefined : bootTime + stat.sinceBoot,
    threads: field(status, 'Threads'),
    openFiles: files?.length,
    readBytes: field(io, 'read_bytes'),
    writtenBytes: field(io, 'write_bytes'),
    receivedBytes: undefined,
    sentBytes: undefined,
    cpus: undefined,
  });
}

/** The name, which is in parentheses, may have anything in it. */
function parseStat(text: string): { readonly cpuSeconds: number; readonly sinceBoot: number } | undefined {
  const after = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [user, system, start] = [after[11], after[12], after[19]].map(Number) as [number, number, number];
  if (![user, system, start].every(Number.isFinite)) return undefined;
  return { cpuSeconds: (user + system) / TICKS_PER_SECOND, sinceBoot: start / TICKS_PER_SECOND };
}

function field(text: string, name: string): number | undefined {
  const value = new RegExp(`^${name}:?\\s+(\\d+)`, 'm').exec(text)?.[1];
  return value === undefined ? undefined : Number(value);
}

function kilobytes(text: string, name: string): number | undefined {
  const value = field(text, name);
  return value === undefined ? undefined : value * 1024;
}

async function read(path: string, what: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new LocalError(what, error);
  }
}
