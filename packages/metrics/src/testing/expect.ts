import { renderText } from '../encode/index.ts';
import type { Collector, Family } from '../family.ts';
import { Registry } from '../registry.ts';

/**
 * The text 0.0.4 of a collector alone, gathered strictly: repeated label sets and a failing collector throw. Compare it
 * with golden text.
 */
export async function collectText(
  collector: Collector,
  signal: AbortSignal = new AbortController().signal,
): Promise<string> {
  const registry = new Registry({ duplicates: 'throw', seriesBudget: Number.POSITIVE_INFINITY });
  registry.register(collector);
  const { families, collectors } = await registry.gather(signal);
  const failed = collectors.find((report) => report.outcome !== 'success');
  if (failed !== undefined) throw failed.error;
  return renderText(families);
}

/**
 * Throws with the first line that differs when families do not render as the golden text says. Blank lines and
 * leading white space in the golden text do not count, nor does the order of families and samples.
 */
export function expectText(families: Iterable<Family>, golden: string): void {
  const actual = sorted(renderText(families));
  const expected = sorted(golden);
  for (let i = 0; i < Math.max(actual.length, expected.length); i++) {
    if (actual[i] === expected[i]) continue;
    throw new Error(`expected: ${expected[i] ?? '(nothing more)'}\nactual:   ${actual[i] ?? '(nothing more)'}`);
  }
}

function sorted(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .sort();
}
