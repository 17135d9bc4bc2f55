import { type Document, isMap, isNode, isPair, LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import type { ErrorCode, Place, Problem } from '../errors.ts';
import { checkConfig, describePath, type Finding, unknownKey } from './checks.ts';
import { type Config, type ConfigInput, configSchema, SOURCE_TYPES } from './schema.ts';
import { suggest } from './suggest.ts';
import { explainAliases, explainSyntax, type SyntaxFault } from './syntax.ts';

export type Loaded =
  | { readonly ok: true; readonly config: Config; readonly place: Locate }
  | { readonly ok: false; readonly problems: Problem[] };

type Path = readonly PropertyKey[];

/** Where a key or value stands in the file; `undefined` where there is no file. */
export type Locate = (path: Path) => Place | undefined;

/**
 * Reads a configuration from its text. Never throws: all that is wrong with it comes back at once, each with its
 * place in `file` (which is only a name here).
 */
export function parseConfig(text: string, file: string): Loaded {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'error' });
  const place = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { file, line, column: col };
  };
  const refuse = (faults: readonly SyntaxFault[]): Loaded => {
    const problems = faults.map(
      ({ detail, offset }): Problem => ({ code: 'MX_CONFIG_SYNTAX', detail, place: place(offset) }),
    );
    return { ok: false, problems };
  };
  if (document.errors.length > 0) return refuse(document.errors.map((error) => explainSyntax(error)));
  let raw: unknown;
  try {
    raw = document.toJS({ maxAliasCount: 50 }) ?? {};
  } catch {
    return refuse([explainAliases(document)]);
  }
  const checked = validate(raw);
  if (checked.config !== undefined) {
    return { ok: true, config: checked.config, place: (path) => place(offsetOf(document, path)) };
  }
  const problems = checked.findings.map(
    ({ code, detail, path, at }): Problem => ({ code, detail, place: place(offsetOf(document, path, at)) }),
  );
  const order = (problem: Problem): number => (problem.place?.line ?? 0) * 1e6 + (problem.place?.column ?? 0);
  return { ok: false, problems: problems.sort((a, b) => order(a) - order(b)) };
}

/** Holds a configuration that no file gave, such as that of a drop-in mode, against the same rules. */
export function checkInput(raw: ConfigInput): Loaded {
  const { config, findings } = validate(raw);
  if (config !== undefined) return { ok: true, config, place: () => undefined };
  return { ok: false, problems: findings.map(({ code, detail }) => ({ code, detail })) };
}

function validate(raw: unknown): { readonly config?: Config; readonly findings: readonly Finding[] } {
  const result = configSchema.safeParse(raw, { reportInput: true });
  const findings = [...(result.error?.issues ?? []).flatMap((issue) => readIssue(issue)), ...checkConfig(raw)];
  return findings.length === 0 && result.data !== undefined ? { config: result.data, findings } : { findings };
}

/** One issue of the schema as findings with our codes, one for each unknown key. */
function readIssue(issue: z.core.$ZodIssue): Finding[] {
  const { path } = issue;
  const name = describePath(path);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => unknownKey(path, key));
  }
  if (issue.code === 'invalid_union' && path.at(-1) === 'type') {
    const known = SOURCE_TYPES.join(', ');
    // With the whole object as input, the key itself may be missing.
    const written =
      typeof issue.input === 'object' && issue.input !== null ? (issue.input as { type?: unknown }).type : issue.input;
    if (written === undefined) {
      return [{ code: 'MX_CONFIG_MISSING', detail: `${name} is missing; the types are: ${known}`, path }];
    }
    const guess = typeof written === 'string' ? suggest(written, SOURCE_TYPES) : undefined;
    const hint = guess === undefined ? '' : `; did you mean "${guess}"?`;
    return [
      {
        code: 'MX_CONFIG_SOURCE_TYPE',
        detail: `unknown type ${JSON.stringify(written)}; the types are: ${known}${hint}`,
        path,
      },
    ];
  }
  if (issue.code === 'invalid_type' && issue.input === undefined) {
    return [{ code: 'MX_CONFIG_MISSING', detail: `${name} is missing`, path }];
  }
  const code = issue.code === 'custom' ? (issue.params?.code as ErrorCode | undefined) : undefined;
  if (code !== undefined) return [{ code, detail: `${name}: ${issue.message}`, path }];
  return [{ code: 'MX_CONFIG_VALUE', detail: `${name} ${explain(issue)}`, path }];
}

function explain(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${article(issue.expected)}`;
    case 'invalid_value':
      return `must be one of: ${issue.values.map(String).join(', ')}`;
    case 'too_small':
      return issue.origin === 'string' || issue.origin === 'array'
        ? `must have at least ${count(issue.minimum, issue.origin === 'array' ? ['entry', 'entries'] : ['character', 'characters'])}`
        : `must be at least ${issue.minimum}`;
    case 'invalid_format':
      return issue.message.startsWith('Invalid') ? 'is not of the right form' : issue.message;
    case 'too_big':
      return `must be at most ${issue.maximum}`;
    default:
      return issue.message;
  }
}

function count(number: number | bigint, [one, many]: readonly [string, string]): string {
  return `${number} ${Number(number) === 1 ? one : many}`;
}

function article(expected: string): string {
  const names: Record<string, string> = {
    object: 'a mapping',
    array: 'a list',
    int: 'a whole number',
    string: 'a text',
    number: 'a number',
    boolean: 'true or false',
  };
  return names[expected] ?? expected;
}

/** Where a path stands in the text; of what is missing, where its nearest parent stands. */
function offsetOf(document: Document, path: Path, at: 'key' | 'value' = 'value'): number {
  for (let length = path.length; length >= 0; length -= 1) {
    const parent = length === 0 ? undefined : document.getIn(path.slice(0, length - 1), true);
    const key = path[length - 1];
    if (isMap(parent)) {
      const pair = parent.items.find((item) => isPair(item) && String(item.key) === String(key));
      const node = at === 'key' || !isNode(pair?.value) ? pair?.key : pair.value;
      if (isNode(node) && node.range) return node.range[0];
      continue;
    }
    const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return 0;
}
