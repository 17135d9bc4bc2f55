import { type Document, isMap, isNode, isPair, LineCounter, parseDocument } from 'yaml';
import type { Place, Problem } from '../errors.ts';
import type { Finding } from './checks.ts';
import { explainAliases, explainSyntax, type SyntaxFault } from './syntax.ts';

type Path = readonly PropertyKey[];

/** What a YAML file holds, and where each of its keys and values stands. */
export interface YamlFile {
  readonly ok: true;
  readonly raw: unknown;
  /** Of what is missing, where its nearest parent stands. */
  place(path: Path, at?: 'key' | 'value'): Place;
}

/** Reads YAML from its text. Never throws; `file` is only a name here. */
export function readYaml(text: string, file: string): YamlFile | { readonly ok: false; readonly problems: Problem[] } {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'error' });
  const place = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { file, line, column: col };
  };
  const refuse = (faults: readonly SyntaxFault[]): { ok: false; problems: Problem[] } => {
    const problems = faults.map(
      ({ detail, offset }): Problem => ({ code: 'MX_CONFIG_SYNTAX', detail, place: place(offset) }),
    );
    return { ok: false, problems };
  };
  if (document.errors.length > 0) return refuse(document.errors.map((error) => explainSyntax(error)));
  try {
    const raw: unknown = document.toJS({ maxAliasCount: 50 }) ?? {};
    return { ok: true, raw, place: (path, at) => place(offsetOf(document, path, at)) };
  } catch {
    return refuse([explainAliases(document)]);
  }
}

/** Findings with their places, in the order of the file. */
export function placeFindings(findings: readonly Finding[], { place }: YamlFile): Problem[] {
  const problems = findings.map(({ code, detail, path, at }): Problem => ({ code, detail, place: place(path, at) }));
  const order = (problem: Problem): number => (problem.place?.line ?? 0) * 1e6 + (problem.place?.column ?? 0);
  return problems.sort((a, b) => order(a) - order(b));
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
