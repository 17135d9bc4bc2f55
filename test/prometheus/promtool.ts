import { spawnSync } from 'node:child_process';
import type { FoundTool } from '../support/tools.ts';

export interface PromtoolVerdict {
  /** 0: clean; 3: readable, with complaints about names; 1: not readable. */
  readonly status: number | null;
  /** One line for each complaint: `METRIC REASON`. */
  readonly complaints: readonly string[];
}

/** Runs `promtool check metrics` over an exposition in text 0.0.4. */
export function checkMetrics(promtool: FoundTool, text: string): PromtoolVerdict {
  const { status, stdout, stderr } = spawnSync(promtool.path, ['check', 'metrics'], { input: text, encoding: 'utf8' });
  const complaints = `${stdout}${stderr}`.split('\n').filter((line) => line !== '');
  return { status, complaints };
}
