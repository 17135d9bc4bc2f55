import { join } from 'node:path';
import { runCommand } from './command.ts';
import { isUnavailable } from './errors.ts';
import { installTools } from './install.ts';
import { TOOL_NAMES, TOOLS, type ToolName } from './table.ts';

// npm run tools [NAME…]: installs what the tests need, or only the named ones. Exit 1 when one that this machine could
// have is not there.
const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !TOOL_NAMES.includes(name as ToolName));
if (unknown.length > 0) {
  console.error(`tools: there is no ${unknown.join(', ')}; known are ${TOOL_NAMES.join(', ')}`);
  process.exit(2);
}
const names = asked.length > 0 ? (asked as ToolName[]) : TOOL_NAMES.filter((name) => !('onDemand' in TOOLS[name]));
const failures = installTools(names, {
  folder: join(import.meta.dirname, '../../.tools'),
  env: process.env,
  command: runCommand,
  platform: process.platform,
  arch: process.arch,
  say: (line) => console.error(line),
});
process.exitCode = [...failures.values()].every((error) => isUnavailable(error)) ? 0 : 1;
