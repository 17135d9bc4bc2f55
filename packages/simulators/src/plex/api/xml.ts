import type { Container } from './server.ts';

/** The XML that Plex answers with unless JSON is asked for: scalars are attributes, objects are elements. */
export function xml(name: string, container: Container): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${element(name, container)}\n`;
}

function element(name: string, object: Readonly<Record<string, unknown>>): string {
  const attributes: string[] = [];
  const children: string[] = [];
  for (const [key, value] of Object.entries(object)) {
    if (Array.isArray(value)) {
      for (const item of value) children.push(element(elementName(key, item), item));
    } else if (typeof value === 'object' && value !== null) {
      children.push(element(key, { ...value }));
    } else if (value !== undefined) {
      attributes.push(` ${key}="${escaped(typeof value === 'boolean' ? String(Number(value)) : String(value))}"`);
    }
  }
  if (children.length === 0) return `<${name}${attributes.join('')} />`;
  return `<${name}${attributes.join('')}>\n${children.join('\n')}\n</${name}>`;
}

/** JSON has one name for what XML has three for. */
function elementName(key: string, item: { readonly type?: unknown }): string {
  if (key !== 'Metadata') return key;
  if (item.type === 'track') return 'Track';
  if (item.type === 'photo') return 'Photo';
  return ['movie', 'episode', 'clip'].includes(String(item.type)) ? 'Video' : 'Directory';
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll('\n', '&#10;');
}
