import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type RunningProcess, startProcess } from '../support/process.ts';
import { describeWith } from '../support/tools.ts';
import { until } from '../support/until.ts';

const REPOSITORY = join(import.meta.dirname, '../..');

/** `npm start`, in a process group of its own as a terminal makes it, and without what an outer npm left behind. */
function npmStart(...args: string[]): RunningProcess {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(?:npm_|vitest)/i.test(name)));
  delete env.NODE_OPTIONS;
  return startProcess('npm', ['start', '--', ...args], { cwd: REPOSITORY, env, group: true });
}

function someoneLives(group: number): boolean {
  try {
    process.kill(-group, 0);
    return true;
  } catch {
    return false;
  }
}

async function scrapeDemo(page: string): Promise<string> {
  return until(
    async () => {
      const response = await fetch(`${page}/metrics`);
      const text = await response.text();
      return response.ok && /^mediasoup_routers/m.test(text) ? text : undefined;
    },
    { what: 'a scrape of the demo with its SFU' },
  );
}

async function runDemo(stop: (npm: RunningProcess) => void): Promise<RunningProcess> {
  const npm = npmStart('--demo', '--web.listen-address=127.0.0.1:0');
  try {
    const [page] = await npm.said(/http:\/\/127\.0\.0\.1:[1-9]\d*/);
    await scrapeDemo(page);
    stop(npm);
    await npm.exited;
    await until(() => (someoneLives(npm.pid) ? undefined : true), { what: 'the end of every process of the demo' });
    return npm;
  } finally {
    if (someoneLives(npm.pid)) process.kill(-npm.pid, 'SIGKILL');
  }
}

describe('npm start', () => {
  test('-- --demo prints where to look and stops cleanly on Ctrl-C', async () => {
    const npm = await runDemo(({ pid }) => process.kill(-pid, 'SIGINT'));
    expect(npm.output).not.toMatch(/^\s+at /m);
    expect(await npm.exited).toEqual({ code: 0, signal: null });
  });

  test('-- --demo stops cleanly when only the npm process gets SIGTERM', async () => {
    const npm = await runDemo(({ pid }) => process.kill(pid, 'SIGTERM'));
    expect(npm.output).not.toMatch(/^\s+at /m);
    expect(await npm.exited).toEqual({ code: 0, signal: null });
  });

  test('without a configuration says what to do', async () => {
    const npm = npmStart();
    const { code } = await npm.exited;
    expect(code).toBeGreaterThan(0);
    expect(npm.output).toContain('--demo');
    expect(npm.output).toContain('--config.file');
  });

  test('passes its arguments to the command', async () => {
    const npm = npmStart('--version');
    expect((await npm.exited).code).toBe(0);
    expect(npm.output).toMatch(/\d+\.\d+\.\d+/);
  });
});

describeWith('node22', 'on an older Node', ({ node22 }) => {
  test('says which one it wants', () => {
    const args = ['--conditions=@media-exporter/source', 'scripts/start.mjs', '--version'];
    const { status, stderr } = spawnSync(node22.path, args, { cwd: REPOSITORY, encoding: 'utf8' });
    expect(status).toBe(1);
    expect(stderr).toContain('MX_NODE_VERSION');
  });
});
