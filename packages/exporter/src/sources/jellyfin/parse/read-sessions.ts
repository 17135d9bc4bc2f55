import { ExporterError } from '../../../errors.ts';
import type { JellyfinSession } from '../state.ts';
import { parseSession } from './sessions.ts';

/** The sessions of an answer, and how large it was. */
export async function readSessions(
  body: AsyncIterable<Uint8Array>,
): Promise<{ readonly sessions: JellyfinSession[]; readonly bytes: number }> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString('utf8');
  const entries = parse(text);
  if (!Array.isArray(entries)) throw problem('the answer is not a list');
  return { sessions: entries.map(parseSession).filter((session) => session !== undefined), bytes: text.length };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw problem('the answer is not JSON');
  }
}

function problem(what: string): ExporterError {
  return new ExporterError({ code: 'MX_UPSTREAM_ANSWER', detail: `/Sessions: ${what}` });
}
