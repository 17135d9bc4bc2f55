import { readFileSync } from 'node:fs';
import { jsonSchema } from './config/schema.ts';
import { ERRORS } from './errors.ts';
import type { ErrorText } from './upstream-errors.ts';

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
  const sections = Object.entries(ERRORS).map(
    ([code, { what, fix }]) => `## ${code}\n\n${what}\n\n${renderFix(fix)}\n`,
  );
  return `# Errors

Every error of \`media-exporter\` has a code that does not change. Messages have the form

    FILE:LINE:COLUMN: CODE: what is wrong. What to do (docs/errors.md#code)

without the place where there is no file. With \`--log.format=json\`, what ends a command is an object each, with \`code\`,
\`place\`, \`fix\` and, in \`msg\`, what is wrong. Codes that begin with \`MX_UPSTREAM_\` concern a media server: they are logged
once when its state changes, shown on the page at \`/\`, and counted by
\`media_exporter_upstream_requests_total\`. Those of the packages that applications embed are on
[a page of their own](library-errors.md). Made by \`npm run docs\` from \`packages/exporter/src/errors.ts\`.

${sections.join('\n')}`;
}

/** One line for each type of media server, where it is not the same. */
function renderFix(fix: ErrorText['fix']): string {
  if (typeof fix === 'string') return fix;
  return Object.entries(fix)
    .map(([type, text]) => `- \`${type}\`: ${text}`)
    .join('\n');
}

interface SchemaNode {
  readonly description?: string;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly items?: SchemaNode;
  readonly oneOf?: readonly SchemaNode[];
}

/** One key, by its path. */
interface Key {
  readonly path: string;
  readonly standard: string;
  readonly meaning: string;
}

/** One row for each key, nested ones by their path. */
export function renderKeys(node: SchemaNode = jsonSchema() as SchemaNode): string[] {
  return listKeys(node, '').map(
    ({ path, standard, meaning }) => `| \`${path}\` | ${standard} | ${meaning.replaceAll('|', '\\|')} |`,
  );
}

function listKeys(node: SchemaNode, prefix: string): Key[] {
  return Object.entries(node.properties ?? {}).flatMap(([key, child]): Key[] => {
    const path = `${prefix}${key}`;
    const kinds = child.items?.oneOf;
    const nested = kinds === undefined ? listKeys(child, `${path}.`) : listKinds(kinds, `${path}[].`);
    if (nested.length > 0) return nested;
    const standard = child.default === undefined ? '' : `\`${JSON.stringify(child.default)}\``;
    return [{ path, standard, meaning: child.description ?? '' }];
  });
}

/** What all kinds have in the same way comes once and first; of the rest the kind is told. */
function listKinds(kinds: readonly SchemaNode[], prefix: string): Key[] {
  const found = new Map<string, { readonly key: Key; readonly types: string[] }>();
  for (const kind of kinds) {
    for (const key of listKeys(kind, prefix)) {
      const same = JSON.stringify(key);
      const entry = found.get(same) ?? { key, types: [] };
      entry.types.push(String(kind.properties?.type?.const));
      found.set(same, entry);
    }
  }
  const shared = [...found.values()].filter(({ types }) => types.length === kinds.length);
  const own = [...found.values()].filter(({ types }) => types.length < kinds.length);
  return [
    ...shared.map(({ key }) => key),
    ...own.map(({ key, types }) => {
      const names = types.map((type) => `\`${type}\``).join(', ');
      return { ...key, meaning: `Of ${names}: ${key.meaning}` };
    }),
  ];
}

const LINE_WIDTH = 120;

/** JSON as the formatter of this repository writes it: a list of plain values is one line where it fits. */
function renderJson(value: object): string {
  const text = JSON.stringify(value, null, 2);
  const joined = text.replaceAll(/^(.*)\[\n\s+([^[\]{}]*?)\n\s+\](,?)$/gm, (lines, before, items: string, after) => {
    const line = `${before}[${items.replaceAll(/,\n\s+/g, ', ')}]${after}`;
    return line.length > LINE_WIDTH ? lines : line;
  });
  return `${joined}\n`;
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
