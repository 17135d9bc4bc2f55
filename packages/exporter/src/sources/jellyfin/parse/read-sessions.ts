import { ExporterError } from '../../../errors.ts';
import { readEntries } from '../../http/entries.ts';
import type { JellyfinSession } from '../state.ts';
import { fields, text } from './json.ts';
import { parseSession } from './sessions.ts';

/** Without its queue, which before 12.0 has all about each item in it, a session has some kilobytes. */
const MOST_ENTRY_BYTES = 4 * 1024 * 1024;
/** The queues, which nobody asks for. */
const LEFT_OUT = ['NowPlayingQueue', 'NowPlayingQueueFullItems'];

/**
 * The sessions of an answer, and how large it was. They are parsed one by one and reduced at once: a busy server's answer
 * has megabytes, of which next to nothing is needed.
 *
 * @throws ExporterError `MX_UPSTREAM_ANSWER` for what is no list of sessions.
 */
export async function readSessions(
  body: AsyncIterable<Uint8Array>,
): Promise<{ readonly sessions: JellyfinSession[]; readonly bytes: number }> {
  const sessions: JellyfinSession[] = [];
  let unreadable = 0;
  const size = { bytes: 0 };
  const read = await readEntries(
    measured(body, size),
    { maxEntryBytes: MOST_ENTRY_BYTES, leaveOut: LEFT_OUT },
    (entry) => {
      const session = parseSession(entry);
      if (session !== undefined) sessions.push(session);
      else if (text(fields(entry)?.Id) === undefined) unreadable += 1;
    },
  );
  if (!read.ok) throw problem(read.problem);
  // Without it the others would seem to be all that there are.
  if (read.value.skipped > 0) throw problem(`a session has more than ${MOST_ENTRY_BYTES} bytes`);
  // Nobody would seem to play. One among others may be a plugin's.
  if (unreadable > 0 && sessions.length === 0) throw problem('no session can be read');
  return { sessions, bytes: size.bytes };
}

async function* measured(body: AsyncIterable<Uint8Array>, size: { bytes: number }): AsyncGenerator<Uint8Array> {
  for await (const chunk of body) {
    size.bytes += chunk.length;
    yield chunk;
  }
}

function problem(what: string): ExporterError {
  return new ExporterError({ code: 'MX_UPSTREAM_ANSWER', detail: `/Sessions: ${what}` });
}
