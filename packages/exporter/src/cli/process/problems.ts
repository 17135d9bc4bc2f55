import { describePlace, describeProblem, fixOf, type Problem } from '../../errors.ts';
import { createLogger, type LogFormat } from '../../log.ts';
import type { Environment } from './environment.ts';

/** Tells why a command ends: in lines for people, or as events where the log is in JSON. */
export function tellProblems(
  problems: readonly Problem[],
  format: LogFormat,
  { stderr, clock }: Pick<Environment, 'stderr' | 'clock'>,
): void {
  if (format === 'logfmt') {
    for (const problem of problems) stderr(`${describeProblem(problem)}\n`);
    return;
  }
  const log = createLogger({ level: 'error', format, write: stderr, date: () => clock.date() });
  for (const { code, detail, place, server } of problems) {
    log.error({ code, ...(place && { place: describePlace(place) }), fix: fixOf(code, server) }, detail);
  }
}
