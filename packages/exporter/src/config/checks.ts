import type { ErrorCode } from '../errors.ts';
import { isLoopback, parseListenAddress } from './address.ts';
import { SOURCE_TYPES } from './schema.ts';
import { knownKeys, suggest } from './suggest.ts';

/** Something wrong at a path of the configuration; `at: 'key'` points at the key instead of its value. */
export interface Finding {
  readonly code: ErrorCode;
  readonly detail: string;
  readonly path: readonly PropertyKey[];
  readonly at?: 'key' | 'value';
}

/**
 * The rules that span several keys. They look at what was written, before the schema, so that all that is wrong is
 * told at once; whatever has the wrong type is the schema's to complain about. `webConfigFile` is what a flag says.
 */
export function checkConfig(raw: unknown, webConfigFile?: string): Finding[] {
  const access = checkAccess(raw, webConfigFile);
  return [...checkNames(raw), ...checkSecrets(raw), ...checkTokens(raw), ...access, ...checkUntyped(raw)];
}

function checkNames(raw: unknown): Finding[] {
  const seen = new Map<string, number>();
  return list(field(raw, 'sources')).flatMap((source, index): Finding[] => {
    const name = field(source, 'name');
    if (typeof name !== 'string') return [];
    const first = seen.get(name);
    if (first === undefined) {
      seen.set(name, index);
      return [];
    }
    const detail = `the name "${name}" is that of sources[${first}] already`;
    return [{ code: 'MX_CONFIG_SOURCE_DUPLICATE', detail, path: ['sources', index, 'name'] }];
  });
}

function checkSecrets(raw: unknown): Finding[] {
  const sources = list(field(raw, 'sources')).flatMap((source, index) =>
    ['secret', 'token'].flatMap((key) => checkSecret(source, key, ['sources', index])),
  );
  return [...sources, ...checkSecret(field(raw, 'privacy'), 'key', ['privacy'])];
}

const SECRET_ENDS = ['', '_file', '_env'];

function checkSecret(parent: unknown, key: string, path: readonly PropertyKey[]): Finding[] {
  const given = SECRET_ENDS.map((end) => `${key}${end}`).filter((name) => field(parent, name) !== undefined);
  const [, extra] = given;
  if (extra === undefined) return [];
  return [
    {
      code: 'MX_CONFIG_SECRET',
      detail: `${given.join(' and ')} are given together`,
      path: [...path, extra],
      at: 'key',
    },
  ];
}

/** Servers that tell nothing to who has no token, and whose that is. */
const TOKENS: ReadonlyMap<unknown, string> = new Map([
  ['plex', "the X-Plex-Token of the server's owner"],
  ['jellyfin', 'an API key of the server'],
]);

function checkTokens(raw: unknown): Finding[] {
  return list(field(raw, 'sources')).flatMap((source, index): Finding[] => {
    const whose = TOKENS.get(field(source, 'type'));
    if (whose === undefined || SECRET_ENDS.some((end) => field(source, `token${end}`) !== undefined)) return [];
    const path = ['sources', index, 'token'];
    const detail = `${describePath(path)} is missing: ${whose}, as token_file, token_env or token`;
    return [{ code: 'MX_CONFIG_MISSING', detail, path }];
  });
}

function checkAccess(raw: unknown, webConfigFile: string | undefined): Finding[] {
  const web = field(raw, 'web');
  const auth = field(web, 'auth');
  const metrics = field(auth, 'metrics');
  if (metrics === 'token' && field(auth, 'token_file') === undefined) {
    return [{ code: 'MX_CONFIG_TOKEN', detail: 'web.auth.token_file is missing', path: ['web', 'auth', 'metrics'] }];
  }
  if (metrics !== undefined || field(auth, 'token_file') !== undefined) return [];
  // Who may come is known when that has been read.
  if ((webConfigFile ?? field(web, 'config_file')) !== undefined) return [];
  return list(field(web, 'listen')).flatMap((text, index): Finding[] => {
    const address = typeof text === 'string' ? parseListenAddress(text) : undefined;
    if (address === undefined || isLoopback(address.host)) return [];
    return [{ code: 'MX_CONFIG_ACCESS', detail: openAddress(String(text)), path: ['web', 'listen', index] }];
  });
}

/** The schema does not look at the keys of a source whose type it does not know. */
function checkUntyped(raw: unknown): Finding[] {
  return list(field(raw, 'sources')).flatMap((source, index): Finding[] => {
    if (typeof source !== 'object' || source === null || Array.isArray(source)) return [];
    const type = field(source, 'type');
    if (typeof type === 'string' && SOURCE_TYPES.includes(type)) return [];
    const path = ['sources', index];
    const known = knownKeys(path);
    return Object.keys(source).flatMap((key) => (known.includes(key) ? [] : [unknownKey(path, key, known)]));
  });
}

/** A key that does not exist at a path, with the one that may have been meant. */
export function unknownKey(path: readonly PropertyKey[], key: string, known: readonly string[]): Finding {
  // A key that another type of source has is no slip of the keyboard.
  const guess = suggest(
    key,
    known.filter((name) => name !== key),
  );
  const hint = guess === undefined ? '' : `; did you mean "${guess}"?`;
  const where = path.length === 0 ? '' : ` in ${describePath(path)}`;
  // A secret in the wrong place may be the key itself: only one that nearly exists, or exists for another type, is told.
  const near = guess !== undefined || known.includes(key);
  // Without a space after its colon, a key has its value in it.
  const shown = near && /^[A-Za-z][A-Za-z_-]{0,39}$/.test(key) ? ` "${key}"` : '';
  return { code: 'MX_CONFIG_KEY', detail: `unknown key${shown}${where}${hint}`, path: [...path, key], at: 'key' };
}

/** `sources[0].url`, as the messages and the documentation write it. */
export function describePath(path: readonly PropertyKey[]): string {
  if (path.length === 0) return 'the file';
  return path
    .map((part, index) => (typeof part === 'number' ? `[${part}]` : `${index === 0 ? '' : '.'}${String(part)}`))
    .join('');
}

/** Says which address is open to others. */
export function openAddress(text: string): string {
  return `${text} can be reached from other machines, and web.auth does not say who may read the metrics`;
}

function field(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
  return (value as Record<string, unknown>)[key];
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
