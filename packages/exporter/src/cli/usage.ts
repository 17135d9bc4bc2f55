import type { Command, CommanderError } from 'commander';
import { suggest } from '../config/suggest.ts';

/** What commander says of a command line, in one line, without its prefix and without values: they may be secrets. */
export function explainUsage(error: CommanderError, program: Command, args: readonly string[]): string {
  if (error.code === 'commander.excessArguments') {
    const [word = ''] = /: (\S+?)\.?$/.exec(error.message)?.slice(1) ?? program.args;
    return explainCommand(word, program);
  }
  const [, flag] = /^error: unknown option '([^'=]*)/.exec(error.message) ?? [];
  if (flag !== undefined) return explainFlag(flag, commandOf(program, args));
  return error.message.replace(/^error: /, '').replace(/\s*\n\s*/g, ' ');
}

function explainCommand(word: string, program: Command): string {
  const names = program.commands.map((command) => command.name());
  const guess = suggest(word, names);
  return guess === undefined
    ? `there is no command "${word}"; the commands are: ${names.join(', ')}`
    : `there is no command "${word}"; did you mean "${guess}"?`;
}

function explainFlag(flag: string, command: Command | undefined): string {
  const flags = command?.options.flatMap(({ long }) => long ?? []) ?? [];
  const guess = suggestFlag(flag, flags);
  return guess === undefined ? `unknown option '${flag}'` : `unknown option '${flag}'; did you mean "${guess}"?`;
}

/** What comes before the dot would make all flags of one kind look alike. */
function suggestFlag(flag: string, flags: readonly string[]): string | undefined {
  const kind = flag.slice(0, flag.indexOf('.') + 1);
  const alike = kind === '' ? [] : flags.filter((one) => one.startsWith(kind)).map((one) => one.slice(kind.length));
  if (alike.length === 0) return suggest(flag, flags);
  const guess = suggest(flag.slice(kind.length), alike);
  return guess === undefined ? undefined : `${kind}${guess}`;
}

/** The one that is named first, else the default. */
function commandOf({ commands }: Command, [first]: readonly string[]): Command | undefined {
  return commands.find((command) => command.name() === first) ?? commands[0];
}

/** Whether the log shall be in JSON, of a command line that cannot be understood as a whole. */
export function wantsJson(args: readonly string[]): boolean {
  return args.some(
    (arg, index) => arg === '--log.format=json' || (arg === '--log.format' && args[index + 1] === 'json'),
  );
}
