/**
 * What the tests need beside npm packages. A new tool is one line here: `npm run tools` installs it, and
 * `findTool` of test/support/tools.ts finds it.
 */
export interface DebianTool {
  readonly kind: 'debian';
  readonly package: string;
  /** Where the package comes from; absent: the release of this machine. */
  readonly suite?: 'sid' | 'experimental';
  /** Inside the package; `*` stands for one folder, such as the architecture's. */
  readonly binary: string;
  /** A program of this name on PATH will do if what it says about its version matches. Without it PATH is not asked. */
  readonly onPath?: RegExp;
  /** What makes it say its version, when that is not `--version`. */
  readonly versionFlag?: string;
  /** An environment variable that may name another program to use instead. */
  readonly variable?: string;
}

export interface NpmTool {
  readonly kind: 'npm';
  /** Name and version range; `*` in the name stands for Node's name of the processor. */
  readonly package: string;
  readonly binary: string;
  /** Fetched when a test asks for it by name only, not by a plain `npm run tools`. */
  readonly onDemand: boolean;
}

export type Tool = DebianTool | NpmTool;

export const TOOLS = {
  prometheus: debian('prometheus', { suite: 'sid', onPath: /version 3\.(?:[5-9]|\d\d)/ }),
  promtool: debian('promtool', { suite: 'sid', onPath: /version 3\.(?:[5-9]|\d\d)/ }),
  'mediasoup-worker': debian('mediasoup-worker', {
    suite: 'experimental',
    binary: 'usr/lib/*/mediasoup/mediasoup-worker',
    variable: 'MEDIASOUP_WORKER_BIN',
  }),
  ffmpeg: debian('ffmpeg', { onPath: /ffmpeg version/, versionFlag: '-version' }),
  node22: npm('node-linux-*@22', { binary: 'bin/node', onDemand: true }),
  node26: npm('node-linux-*@26', { binary: 'bin/node', onDemand: true }),
} as const satisfies Record<string, Tool>;

export type ToolName = keyof typeof TOOLS;

export const TOOL_NAMES: readonly ToolName[] = Object.keys(TOOLS) as ToolName[];

function debian(name: string, options: Partial<Omit<DebianTool, 'kind' | 'package'>> = {}): DebianTool {
  return { kind: 'debian', package: name, binary: `usr/bin/${name}`, ...options };
}

function npm(name: string, options: Omit<NpmTool, 'kind' | 'package'>): NpmTool {
  return { kind: 'npm', package: name, ...options };
}
