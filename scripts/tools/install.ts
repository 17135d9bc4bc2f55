import {
  chmodSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { PrivateApt, parseRelease, type Release } from './apt.ts';
import { ToolError } from './errors.ts';
import { locateTool, recipeOf, type Surroundings } from './locate.ts';
import { type DebianTool, type NpmTool, TOOLS, type Tool, type ToolName } from './table.ts';

export interface InstallOptions extends Surroundings {
  readonly say: (line: string) => void;
  /** `process.platform` and `process.arch` */
  readonly platform: string;
  readonly arch: string;
}

/** Tools made for another processor or system are made again. */
export function platformOf(options: Pick<InstallOptions, 'platform' | 'arch'>): string {
  return `${options.platform}-${options.arch}`;
}

/**
 * Installs tools that are not there yet; one that fails does not keep the others from being installed.
 *
 * @returns why a tool is not there, for each that is not
 */
export function installTools(names: readonly ToolName[], options: InstallOptions): Map<ToolName, unknown> {
  const failures = new Map<ToolName, unknown>();
  let apt: PrivateApt | undefined;
  let noApt: unknown;
  const openApt = (): PrivateApt => {
    if (noApt !== undefined) throw noApt;
    try {
      if (apt === undefined) {
        options.say('tools: asking the Debian mirror for its package lists');
        apt = PrivateApt.open(join(work, 'apt'), readRelease(), options.command);
      }
      return apt;
    } catch (error) {
      noApt = error;
      throw error;
    }
  };
  mkdirSync(join(options.folder, 'bin'), { recursive: true });
  const work = mkdtempSync(join(options.folder, 'work-'));
  try {
    for (const name of names) {
      const found = locateTool(name, platformOf(options), options);
      if (!('missing' in found)) continue;
      try {
        const tool: Tool = TOOLS[name];
        // Whoever names a program wants that one and no other.
        if (tool.kind === 'debian' && options.env[tool.variable ?? ''])
          throw new ToolError('TOOLS_NAMED', found.missing);
        options.say(`tools: installing ${name}`);
        const made = join(work, name);
        mkdirSync(made);
        const versions =
          tool.kind === 'debian' ? fetchDebian(tool, made, openApt, options) : fetchNpm(tool, made, options);
        finish(name, tool, made, versions, options);
        options.say(`tools: ${name} is there (${versions.find((file) => file.startsWith(name)) ?? versions[0]})`);
      } catch (error) {
        failures.set(name, error);
        options.say(`tools: ${name} is missing: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return failures;
}

function readRelease(): Release {
  try {
    return parseRelease(readFileSync('/etc/os-release', 'utf8'));
  } catch {
    throw new ToolError('TOOLS_NO_APT');
  }
}

function fetchDebian(tool: DebianTool, made: string, openApt: () => PrivateApt, options: InstallOptions): string[] {
  if (options.platform !== 'linux') throw new ToolError('TOOLS_PLATFORM', platformOf(options));
  const apt = openApt();
  if (tool.suite !== undefined && readRelease().id !== 'debian') {
    throw new ToolError('TOOLS_NO_MIRROR', `${tool.package} comes from Debian ${tool.suite}`);
  }
  return apt.unpack(tool.package, tool.suite, made);
}

function fetchNpm(tool: NpmTool, made: string, options: InstallOptions): string[] {
  if (options.platform !== 'linux') throw new ToolError('TOOLS_PLATFORM', platformOf(options));
  const name = tool.package.replace('*', options.arch);
  const packed = options.command('npm', ['pack', '--silent', '--pack-destination', made, name]);
  const archive = readdirSync(made).find((file) => file.endsWith('.tgz'));
  if (!packed.ok || archive === undefined) throw new ToolError('TOOLS_NPM', `${name}: ${packed.complaint}`);
  const unpacked = options.command('tar', ['-xzf', join(made, archive), '-C', made, '--strip-components=1']);
  if (!unpacked.ok) throw new ToolError('TOOLS_UNPACK', `${archive}: ${unpacked.complaint}`);
  rmSync(join(made, archive));
  return [archive];
}

/** Renames what was made into its place, so that another run, or one that was cut short, never sees half of it. */
function finish(name: ToolName, tool: Tool, made: string, versions: readonly string[], options: InstallOptions): void {
  const binary = globSync(tool.binary, { cwd: made }).sort()[0];
  if (binary === undefined) throw new ToolError('TOOLS_LAYOUT', tool.binary);
  const libraries = globSync('{lib,usr/lib}/**/*.so*', { cwd: made })
    .map((file) => dirname(file))
    .sort();
  const recipe = recipeOf(tool, platformOf(options));
  writeFileSync(join(made, 'tool.json'), JSON.stringify({ recipe, packages: versions }, undefined, 2));
  const home = join(options.folder, name);
  const old = `${made}.old`;
  try {
    renameSync(home, old);
  } catch {
    // It was not there.
  }
  renameSync(made, home);
  const launcher = join(dirname(made), `${name}.sh`);
  writeFileSync(launcher, launcherOf(name, binary, [...new Set(libraries)]));
  chmodSync(launcher, 0o755);
  renameSync(launcher, join(options.folder, 'bin', name));
}

/** A script that becomes the program, in the same process, with the libraries that lie beside it. */
export function launcherOf(name: string, binary: string, libraries: readonly string[]): string {
  const home = `"\${0%/*}/../${name}`;
  const lines = ['#!/bin/sh'];
  if (libraries.length > 0) {
    const path = libraries.map((folder) => `${home}/${folder}"`).join(':');
    lines.push(`LD_LIBRARY_PATH=${path}\${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}`, 'export LD_LIBRARY_PATH');
  }
  return [...lines, `exec ${home}/${binary}" "$@"`, ''].join('\n');
}
