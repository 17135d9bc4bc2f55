import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from '../tools/command.ts';
import { installTools } from '../tools/install.ts';
import { TOOL_NAMES, TOOLS } from '../tools/table.ts';
import { renderSummary, summarize } from './summary.ts';

// npm test [-- ARGS FOR VITEST]: installs the real components that tests need, runs everything, and ends with one line
// that says how it went. A component that cannot be installed does not end the run: its tests are skipped with a reason,
// or fail where CI=true.
const repository = join(import.meta.dirname, '../..');
installTools(
  TOOL_NAMES.filter((name) => !('onDemand' in TOOLS[name])),
  {
    folder: join(repository, '.tools'),
    env: process.env,
    command: runCommand,
    platform: process.platform,
    arch: process.arch,
    say: (line) => console.error(line),
  },
);

const folder = mkdtempSync(join(tmpdir(), 'media-exporter-test-'));
const report = join(folder, 'report.json');
const vitest = spawn(
  process.execPath,
  [
    join(repository, 'node_modules/vitest/vitest.mjs'),
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
    ...process.argv.slice(2),
  ],
  { cwd: repository, stdio: ['ignore', 'inherit', 'inherit'] },
);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => vitest.kill(signal));
const [code] = (await once(vitest, 'exit')) as [number | null];

const summary = summarize(readReport(), code ?? 1);
rmSync(folder, { recursive: true, force: true });
console.log(renderSummary(summary));
process.exitCode = summary.failed > 0 ? 1 : 0;

function readReport(): unknown {
  try {
    return JSON.parse(readFileSync(report, 'utf8'));
  } catch {
    return undefined;
  }
}
