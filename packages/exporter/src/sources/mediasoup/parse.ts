import { parseState, type SfuState } from '@media-exporter/mediasoup';
import type { Parsed } from '../http/http.ts';

/** Reads the body of `/stats`. Total: whatever was sent, the answer is a state or a sentence about what is wrong. */
export function parseStats(body: string): Parsed<SfuState> {
  let input: unknown;
  try {
    input = JSON.parse(body);
  } catch {
    // The message of the parser would quote what was sent.
    return { ok: false, problem: /^\s*</.test(body) ? 'answered HTML instead of JSON' : 'answered no valid JSON' };
  }
  const parsed = parseState(input);
  return parsed.ok ? { ok: true, value: parsed.state } : { ok: false, problem: parsed.problem };
}
