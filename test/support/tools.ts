import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, test } from 'vitest';
import { runCommand } from '../../scripts/tools/command.ts';
import { type FoundTool, locateTool, type MissingTool } from '../../scripts/tools/locate.ts';
import { TOOLS, type ToolName } from '../../scripts/tools/table.ts';

export type { FoundTool, MissingTool, ToolName };

const REPOSITORY = join(import.meta.dirname, '../..');

/** Looks for a real component that `npm run tools` installs; installs nothing. */
export function findTool(name: ToolName): FoundTool | MissingTool {
  const around = { folder: join(REPOSITORY, '.tools'), env: process.env, command: runCommand };
  return locateTool(name, `${process.platform}-${process.arch}`, around);
}

/** Like {@link findTool}, but fetches a tool that the table marks as on demand, such as another Node. */
export function fetchTool(name: ToolName): FoundTool | MissingTool {
  const found = findTool(name);
  if (!('missing' in found) || !('onDemand' in TOOLS[name])) return found;
  const installer = join(REPOSITORY, 'scripts/tools/main.ts');
  const result = spawnSync(process.execPath, [installer, name], {
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
  });
  const after = findTool(name);
  return 'missing' in after ? { missing: result.stderr.trim().split('\n').at(-1) ?? after.missing } : after;
}

/** True where nothing may be skipped because a component is missing. */
export function mustRunAll(env: Readonly<Record<string, string | undefined>> = process.env): boolean {
  return env.CI === 'true';
}

/**
 * A `describe` for tests that need real components. Where one is missing the tests are skipped, with the reason in
 * their name, on a developer's machine, and fail under `CI=true`.
 */
export function describeWith<const N extends ToolName>(
  needed: N | readonly N[],
  title: string,
  body: (tools: Record<N, FoundTool>) => void,
): void {
  const tools = {} as Record<N, FoundTool>;
  const reasons: string[] = [];
  for (const name of typeof needed === 'string' ? [needed] : needed) {
    const found = fetchTool(name);
    if ('missing' in found) reasons.push(found.missing);
    else tools[name] = found;
  }
  describeIf(reasons.length === 0 ? undefined : reasons.join('; '), title, () => body(tools));
}

/** A `describe` that is skipped with a reason, or fails under `CI=true`, when there is one. */
export function describeIf(missing: string | undefined, title: string, body: () => void): void {
  if (missing === undefined) {
    describe(title, body);
    return;
  }
  describe(title, () => {
    if (mustRunAll()) {
      test('has what it needs', () => {
        throw new Error(`CI=true, and yet: ${missing}`);
      });
    } else {
      test.skip(`skipped: ${missing}`, () => {});
    }
  });
}

/** A `describe` for tests that read what lies beside the repository: where it is missing they are skipped, with the reason. */
export function skipWithout(missing: string | undefined, title: string, body: () => void): void {
  if (missing === undefined) describe(title, body);
  else describe(title, () => test.skip(`skipped: ${missing}`, () => {}));
}
