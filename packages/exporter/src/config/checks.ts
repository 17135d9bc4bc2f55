import type { ErrorCode } from '../errors.ts';
import { isLoopback, parseListenAddress } from './address.ts';

/** Something wrong at a path of the configuration; `at: 'key'` points at the key instead of its value. */
export interface Finding {
  readonly code: ErrorCode;
  readonly detail: string;
  readonly path: readonly PropertyKey[];
  readonly at?: 'key' | 'value';
}

/**
 * The rules that span several keys. They look at what was written, before the schema, so that all that is wrong is
 * told at once; whatever has the wrong type is the schema's to complain about.
 */
export function checkConfig(raw: unknown): Finding[] {
  return [...checkNames(raw), ...checkSecrets(raw), ...checkAccess(raw)];
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
    checkSecret(source, 'secret', ['sources', index]),
  );
  return [...sources, ...checkSecret(field(raw, 'privacy'), 'key', ['privacy'])];
}

function checkSecret(parent: unknown, key: string, path: readonly PropertyKey[]): Finding[] {
  const given = [key, `${key}_file`, `${key}_env`].filter((name) => field(parent, name) !== undefined);
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

function checkAccess(raw: unknown): Finding[] {
  const web = field(raw, 'web');
  const auth = field(web, 'auth');
  const metrics = field(auth, 'metrics');
  if (metrics === 'token' && field(auth, 'token_file') === undefined) {
    return [{ code: 'MX_CONFIG_TOKEN', detail: 'web.auth.token_file is missing', path: ['web', 'auth', 'metrics'] }];
  }
  if (metrics !== undefined || field(auth, 'token_file') !== undefined) return [];
  return list(field(web, 'listen')).flatMap((text, index): Finding[] => {
    const address = typeof text === 'string' ? parseListenAddress(text) : undefined;
    if (address === undefined || isLoopback(address.host)) return [];
    return [{ code: 'MX_CONFIG_ACCESS', detail: openAddress(String(text)), path: ['web', 'listen', index] }];
  });
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
