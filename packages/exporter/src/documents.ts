import { readFileSync } from 'node:fs';
import { jsonSchema } from './config/schema.ts';
import { ERRORS } from './errors.ts';

/** A file that is made from the code. `path` is relative to the repository. */
export interface GeneratedDocument {
  readonly path: string;
  readonly text: string;
}

const BEGIN = '<!-- keys: made by npm run docs -->';
const END = '<!-- /keys -->';

/** What of `docs/` comes from this package: the errors, the schema, and the table of keys in the page on configuration. */
export function generate(read: (path: string) => string = readDocument): GeneratedDocument[] {
  const path = 'docs/configuration.md';
  return [
    { path: 'docs/errors.md', text: renderErrors() },
    { path: 'docs/config.schema.json', text: renderJson(jsonSchema()) },
    { path, text: fillKeys(read(path)) },
  ];
}

/** The page with one section, and so one anchor, for each code. */
export function renderErrors(): string {
  const sections = Object.entries(ERRORS).map(([code, { what, fix }]) => `## ${code}\n\n${what}\n\n${fix}\n`);
  return `# Errors

Every error of \`media-exporter\` has a code that does not change. Messages have the form

    FILE:LINE:COLUMN: CODE: what is wrong. What to do (docs/errors.md#code)

without the place where there is no file. Codes that begin with \`MX_UPSTREAM_\` concern a media server: they are logged
once when its state changes, shown on the page at \`/\`, and counted by
\`media_exporter_upstream_requests_total\`. Those of the packages that applications embed are on
[a page of their own](library-errors.md). Made by \`npm run docs\` from \`packages/exporter/src/errors.ts\`.

${sections.join('\n')}`;
}

interface SchemaNode {
  readonly description?: string;
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly items?: SchemaNode;
  readonly oneOf?: readonly SchemaNode[];
}

/** One row for each key, nested ones by their path. */
export function renderKeys(node: SchemaNode = jsonSchema() as SchemaNode, prefix = ''): string[] {
  return Object.entries(node.properties ?? {}).flatMap(([key, child]) => {
    const path = `${prefix}${key}`;
    const nested =
      child.items?.oneOf?.flatMap((kind) => renderKeys(kind, `${path}[].`)) ?? renderKeys(child, `${path}.`);
    if (nested.length > 0) return nested;
    const standard = child.default === undefined ? '' : `\`${JSON.stringify(child.default)}\``;
    return [`| \`${path}\` | ${standard} | ${(child.description ?? '').replaceAll('|', '\\|')} |`];
  });
}

/** JSON as the formatter of this repository writes it: lists of plain values on one line. */
function renderJson(value: object): string {
  const text = JSON.stringify(value, null, 2);
  return `${text.replace(/\[\n\s+([^[\]{}]*?)\n\s+\]/g, (_, items: string) => `[${items.replace(/,\n\s+/g, ', ')}]`)}\n`;
}

function fillKeys(page: string): string {
  const [before, rest = ''] = page.split(BEGIN);
  const [, after = ''] = rest.split(END);
  const table = ['| key | default | meaning |', '|---|---|---|', ...renderKeys()].join('\n');
  return `${before}${BEGIN}\n\n${table}\n\n${END}${after}`;
}

function readDocument(path: string): string {
  return readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');
}
