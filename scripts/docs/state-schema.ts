import { STATE_SCHEMA } from '@media-exporter/mediasoup';
import type { GeneratedDocument } from './document.ts';

const LINE_WIDTH = 120;

/** Makes `docs/mediasoup-state.schema.json`, the schema of what an SFU serves at `/stats`. */
export function generate(): GeneratedDocument[] {
  return [{ path: 'docs/mediasoup-state.schema.json', text: renderJson(STATE_SCHEMA) }];
}

/** JSON as the formatter of this repository writes it: a list of plain values is one line where it fits. */
export function renderJson(value: unknown): string {
  const text = JSON.stringify(value, undefined, 2);
  const joined = text.replaceAll(/^(.*)\[\n\s+([^[\]{}]*?)\n\s+\](,?)$/gm, (lines, before, items: string, after) => {
    const line = `${before}[${items.replaceAll(/,\n\s+/g, ', ')}]${after}`;
    return line.length > LINE_WIDTH ? lines : line;
  });
  return `${joined}\n`;
}
