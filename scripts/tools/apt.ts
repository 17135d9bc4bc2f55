import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from './command.ts';
import { ToolError } from './errors.ts';

const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';
const DPKG_STATUS = '/var/lib/dpkg/status';

export interface Release {
  /** `debian`, `ubuntu`, … */
  readonly id: string;
  readonly codename: string;
}

export interface IndexTarget {
  readonly uri: string;
  readonly suite: string;
  readonly component: string;
}

/** Reads the two fields that matter out of /etc/os-release. */
export function parseRelease(text: string): Release {
  const field = (name: string): string =>
    new RegExp(`^${name}=["']?([^"'\\n]*)`, 'm').exec(text)?.[1]?.toLowerCase() ?? '';
  return { id: field('ID'), codename: field('VERSION_CODENAME') };
}

/** Reads the answer of `apt-get indextargets --format '$(REPO_URI)|$(RELEASE)|$(COMPONENT)'`. */
export function parseIndexTargets(text: string): IndexTarget[] {
  const targets: IndexTarget[] = [];
  for (const line of text.split('\n')) {
    const [uri, suite, component] = line.trim().split('|');
    if (uri && suite && component) targets.push({ uri, suite, component });
  }
  return targets;
}

/**
 * The source list of the private root: the machine's own release with its updates, so that dependencies resolve
 * against what is installed, and on Debian also `sid` and `experimental` of the same mirror.
 */
export function sourceLines(targets: readonly IndexTarget[], release: Release, signedBy: string | undefined): string[] {
  const options = signedBy === undefined ? '' : `[signed-by=${signedBy}] `;
  const own = targets.filter(({ suite }) => suite.split(/[-/]/)[0] === release.codename);
  const lines = own.map(({ uri, suite, component }) => `deb ${options}${uri} ${suite} ${component}`);
  const mirror = own.find(({ suite, component }) => suite === release.codename && component === 'main');
  if (release.id === 'debian' && mirror !== undefined) {
    for (const suite of ['sid', 'experimental']) lines.push(`deb ${options}${mirror.uri} ${suite} main`);
  }
  return [...new Set(lines)];
}

/** Everything that apt would keep below /var and /etc is moved into `root`, so neither needs root nor is touched. */
export function aptConfiguration(root: string, codename: string): string {
  const settings = {
    'Dir::Etc::sourcelist': join(root, 'sources.list'),
    'Dir::Etc::sourceparts': '/dev/null',
    'Dir::Etc::preferences': '/dev/null',
    'Dir::Etc::preferencesparts': '/dev/null',
    'Dir::State': root,
    'Dir::State::lists': join(root, 'lists'),
    'Dir::State::status': join(root, 'status'),
    'Dir::Cache': join(root, 'cache'),
    'Dir::Cache::archives': join(root, 'archives'),
    'Dir::Log': join(root, 'log'),
    'APT::Default-Release': codename,
    'APT::Install-Recommends': 'false',
    'APT::Sandbox::User': '',
    'Acquire::Languages': 'none',
    'Acquire::Retries': '3',
    'Debug::NoLocking': 'true',
  };
  const hooks = ['APT::Update::Pre-Invoke', 'APT::Update::Post-Invoke', 'APT::Update::Post-Invoke-Success'];
  return [
    ...hooks.map((hook) => `#clear ${hook};`),
    ...Object.entries(settings).map(([key, value]) => `${key} "${value}";`),
    '',
  ].join('\n');
}

/** An apt of our own below `root`. Made at most once a run: `update` asks the mirror for its lists. */
export class PrivateApt {
  readonly #root: string;
  readonly #command: Command;

  private constructor(root: string, command: Command) {
    this.#root = root;
    this.#command = command;
  }

  /** @throws ToolError `TOOLS_NO_APT`, `TOOLS_NO_MIRROR` or `TOOLS_UPDATE` */
  static open(root: string, release: Release, command: Command): PrivateApt {
    if (!command('dpkg', ['--version']).ok || !existsSync(DPKG_STATUS)) throw new ToolError('TOOLS_NO_APT');
    const format = '$(REPO_URI)|$(RELEASE)|$(COMPONENT)';
    const listed = command('apt-get', ['indextargets', '--format', format, 'Created-By: Packages']);
    if (!listed.ok) throw new ToolError('TOOLS_NO_APT', listed.complaint);
    const signedBy = release.id === 'debian' && existsSync(KEYRING) ? KEYRING : undefined;
    const sources = sourceLines(parseIndexTargets(listed.stdout), release, signedBy);
    if (sources.length === 0) throw new ToolError('TOOLS_NO_MIRROR');

    for (const folder of ['lists/partial', 'archives/partial', 'cache', 'log']) {
      mkdirSync(join(root, folder), { recursive: true });
    }
    writeFileSync(join(root, 'sources.list'), `${sources.join('\n')}\n`);
    writeFileSync(join(root, 'apt.conf'), aptConfiguration(root, release.codename));
    copyFileSync(DPKG_STATUS, join(root, 'status'));
    const apt = new PrivateApt(root, command);
    const updated = apt.#apt(['update', '--error-on=any']);
    if (!updated.ok) throw new ToolError('TOOLS_UPDATE', updated.complaint);
    return apt;
  }

  /**
   * Unpacks a package and those of its dependencies that this machine lacks into `folder`.
   *
   * @returns the names of the package files, which carry the versions
   * @throws ToolError `TOOLS_DOWNLOAD` or `TOOLS_UNPACK`
   */
  unpack(name: string, suite: string | undefined, folder: string): string[] {
    const archives = join(this.#root, 'archives');
    rmSync(archives, { recursive: true, force: true });
    mkdirSync(join(archives, 'partial'), { recursive: true });
    const wanted = suite === undefined ? name : `${name}/${suite}`;
    const fetched = this.#apt(['install', '--download-only', '--reinstall', '--assume-yes', wanted]);
    if (!fetched.ok) throw new ToolError('TOOLS_DOWNLOAD', fetched.complaint);
    const packages = readdirSync(archives).filter((file) => file.endsWith('.deb'));
    if (packages.length === 0) throw new ToolError('TOOLS_DOWNLOAD', `apt fetched nothing for ${wanted}`);
    for (const file of packages) {
      const unpacked = this.#command('dpkg-deb', ['--extract', join(archives, file), folder]);
      if (!unpacked.ok) throw new ToolError('TOOLS_UNPACK', `${file}: ${unpacked.complaint}`);
    }
    rmSync(archives, { recursive: true, force: true });
    return packages.sort();
  }

  #apt(args: readonly string[]): ReturnType<Command> {
    return this.#command('apt-get', ['-q', '-c', join(this.#root, 'apt.conf'), ...args]);
  }
}
