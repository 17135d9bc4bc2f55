import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Command } from './command.ts';
import { TOOLS, type Tool, type ToolName } from './table.ts';

/** A program that a test can start as it is: the libraries it needs are already on its way. */
export interface FoundTool {
  readonly path: string;
  /** Variables that make other software find the same program; to be merged into a child's environment. */
  readonly env: Readonly<Record<string, string>>;
}

export interface MissingTool {
  readonly missing: string;
}

export interface Surroundings {
  /** The git-ignored folder that tools are installed into. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly command: Command;
}

/** Says what an installation was made from: when that changes, it is made again. */
export function recipeOf(tool: Tool, platform: string): string {
  return JSON.stringify([platform, tool.kind, tool.package, tool.kind === 'debian' ? tool.suite : '', tool.binary]);
}

/** Looks a tool up without installing anything: the variable that names it, then `.tools`, then PATH. */
export function locateTool(name: ToolName, platform: string, around: Surroundings): FoundTool | MissingTool {
  const tool: Tool = TOOLS[name];
  const variable = tool.kind === 'debian' ? tool.variable : undefined;
  const named = variable === undefined ? undefined : around.env[variable];
  const found = (path: string): FoundTool => ({ path, env: variable === undefined ? {} : { [variable]: path } });
  if (named) {
    return isExecutable(named) ? found(named) : { missing: `${variable} names ${named}, which cannot be run` };
  }
  const installed = join(around.folder, 'bin', name);
  if (installedRecipe(around.folder, name) === recipeOf(tool, platform) && isExecutable(installed)) {
    return found(installed);
  }
  if (tool.kind === 'debian' && tool.onPath !== undefined) {
    for (const path of (around.env.PATH ?? '').split(delimiter)) {
      const program = join(path, name);
      if (path === '' || !isExecutable(program)) continue;
      const asked = around.command(program, [tool.versionFlag ?? '--version']);
      if (asked.ok && tool.onPath.test(asked.stdout)) return found(program);
    }
  }
  return { missing: `${name} is not installed: npm run tools ${name}` };
}

function installedRecipe(folder: string, name: string): string | undefined {
  const file = join(folder, name, 'tool.json');
  if (!existsSync(file)) return undefined;
  try {
    return (JSON.parse(readFileSync(file, 'utf8')) as { recipe?: string }).recipe;
  } catch {
    return undefined;
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
