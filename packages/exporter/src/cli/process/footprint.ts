import { setFlagsFromString } from 'node:v8';

/** The modes that stand beside one server of a household, where memory counts for more than speed. */
const SMALL: readonly string[] = ['plex', 'jellyfin'];

/** The flags of V8 that a command line is run with. */
export function footprintFlags(args: readonly string[]): string[] {
  const [command = ''] = args;
  // What a poll leaves behind is small and soon gone: a young generation that does not grow to 48 MB for it takes a fifth
  // off the memory, for a few per cent of the little CPU that is used.
  const flags = ['--semi-space-growth-factor=1'];
  if (!SMALL.includes(command)) return flags;
  // A heap that grows by a fifth before it is swept keeps the walk of a large library 30 MB smaller. The parser of HTTP
  // answers is WebAssembly: to optimise it would take 20 MB for a moment, and 12 for good. (`--liftoff-only`, which means
  // these two, does nothing once V8 has started, and one of them alone neither.)
  flags.push('--heap-growing-percent=20', '--no-wasm-tier-up', '--no-wasm-dynamic-tiering');
  // One server is too little work for compilers that optimise: without them it takes 7 MB less, and no more time. To check
  // passwords without them would take ten times as long.
  if (!args.some((arg) => arg.startsWith('--web.config.file'))) flags.push('--no-opt', '--no-maglev');
  return flags;
}

/** Keeps the process small. To be called before anything else is loaded. */
export function reduceFootprint(args: readonly string[]): void {
  for (const flag of footprintFlags(args)) setFlagsFromString(flag);
}
