import type { Family } from '../family.ts';
import { asGathered } from '../snapshot.ts';
import { dialectOf } from './dialect.ts';
import { type Format, TEXT_0_0_4 } from './format.ts';
import { BufferPool } from './output.ts';
import { encodeProtobuf } from './protobuf.ts';
import { encodeText } from './text.ts';

/**
 * Encodes families piece by piece, each at most some hundred kilobytes and a fraction of a millisecond of work. A
 * piece taken from a given pool may be given back to it once it was read; without a pool pieces are the caller's.
 */
export function encode(
  families: Iterable<Family>,
  format: Format,
  pool: BufferPool = new BufferPool(),
): Generator<Uint8Array, void, undefined> {
  const gathered = Array.from(families, asGathered);
  if (format.syntax === 'protobuf') return encodeProtobuf(gathered, format.escaping, pool);
  const metrics = gathered.map((family) => family.metric);
  return encodeText(gathered, dialectOf(format, metrics), pool);
}

/** Families as one string, for tests and small uses. Text 0.0.4 unless another text format is asked for. */
export function renderText(families: Iterable<Family>, format: Format = TEXT_0_0_4): string {
  const decoder = new TextDecoder();
  let text = '';
  for (const piece of encode(families, format)) text += decoder.decode(piece, { stream: true });
  return text + decoder.decode();
}
