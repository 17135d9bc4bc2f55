import type { z } from 'zod';
import type { Place, Problem } from '../errors.ts';
import { checkConfig, describePath, type Finding } from './checks.ts';
import { readIssue } from './issues.ts';
import { type Config, type ConfigInput, configSchema, SOURCE_TYPES } from './schema.ts';
import { knownKeys, suggest } from './suggest.ts';
import { placeFindings, readYaml } from './yaml.ts';

export type Loaded =
  | { readonly ok: true; readonly config: Config; readonly place: Locate }
  | { readonly ok: false; readonly problems: Problem[] };

/** Where a key or value stands in the file; `undefined` where there is no file. */
export type Locate = (path: readonly PropertyKey[]) => Place | undefined;

/**
 * Reads a configuration from its text. Never throws: all that is wrong with it comes back at once, each with its
 * place in `file` (which is only a name here). `webConfigFile` is what a flag says.
 */
export function parseConfig(text: string, file: string, webConfigFile?: string): Loaded {
  const yaml = readYaml(text, file);
  if (!yaml.ok) return yaml;
  const { config, findings } = validate(yaml.raw, webConfigFile);
  if (config !== undefined) return { ok: true, config, place: yaml.place };
  return { ok: false, problems: placeFindings(findings, yaml) };
}

/** Holds a configuration that no file gave, such as that of a drop-in mode, against the same rules. */
export function checkInput(raw: ConfigInput): Loaded {
  const { config, findings } = validate(raw);
  if (config !== undefined) return { ok: true, config, place: () => undefined };
  return { ok: false, problems: findings.map(({ code, detail }) => ({ code, detail })) };
}

function validate(
  raw: unknown,
  webConfigFile?: string,
): { readonly config?: Config; readonly findings: readonly Finding[] } {
  const result = configSchema.safeParse(raw, { reportInput: true });
  const issues = result.error?.issues ?? [];
  const findings = [
    ...issues.flatMap((issue) => readType(issue) ?? readIssue(issue, (path) => knownKeys(path))),
    ...checkConfig(raw, webConfigFile),
  ];
  return findings.length === 0 && result.data !== undefined ? { config: result.data, findings } : { findings };
}

/** An issue with the type of a source, by which its schema is chosen. */
function readType(issue: z.core.$ZodIssue): Finding[] | undefined {
  const { path } = issue;
  if (issue.code !== 'invalid_union' || path.at(-1) !== 'type') return undefined;
  const known = SOURCE_TYPES.join(', ');
  // With the whole object as input, the key itself may be missing.
  const written =
    typeof issue.input === 'object' && issue.input !== null ? (issue.input as { type?: unknown }).type : issue.input;
  if (written === undefined) {
    return [{ code: 'MX_CONFIG_MISSING', detail: `${describePath(path)} is missing; the types are: ${known}`, path }];
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
