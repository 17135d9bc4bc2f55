import type { IncomingHttpHeaders } from 'node:http';
import type { Dialect } from '../dialect.ts';
import type { Account } from '../people.ts';
import type { TokenForm } from './requests.ts';

/** Who asks. An API key is always an administrator, and no user. */
export type Caller =
  | { readonly kind: 'none' }
  | { readonly kind: 'key' }
  | { readonly kind: 'user'; readonly user: Account };

export interface Credentials {
  readonly token: string | undefined;
  readonly form: TokenForm;
}

/**
 * Where a request carries its token. The scheme is case-sensitive, quotes are optional, the value is percent-decoded,
 * and query names are in any case. The legacy forms count only where the line, or its setting, takes them.
 */
export function credentialsOf(headers: IncomingHttpHeaders, query: URLSearchParams, legacy: boolean): Credentials {
  const header = tokenOf(headers.authorization, legacy ? ['MediaBrowser', 'Emby'] : ['MediaBrowser']);
  if (header !== undefined)
    return { token: header, form: headers.authorization?.startsWith('Emby') ? 'legacy' : 'header' };
  const old = legacyToken(headers, query);
  if (legacy && old !== undefined) return { token: old, form: 'legacy' };
  const key = parameter(query, 'apikey');
  if (key !== undefined) return { token: key, form: 'query' };
  return { token: undefined, form: old === undefined ? 'none' : 'legacy' };
}

function legacyToken(headers: IncomingHttpHeaders, query: URLSearchParams): string | undefined {
  const long = tokenOf(first(headers['x-emby-authorization']), ['MediaBrowser', 'Emby']);
  const short = first(headers['x-emby-token']) ?? first(headers['x-mediabrowser-token']);
  return long ?? short ?? parameter(query, 'api_key');
}

function tokenOf(value: string | undefined, schemes: readonly string[]): string | undefined {
  const [scheme, rest] = /^(\S+)\s+(.*)$/s.exec(value ?? '')?.slice(1) ?? [];
  if (scheme === undefined || rest === undefined || !schemes.includes(scheme)) return undefined;
  const token = /(?:^|[,\s])token\s*=\s*(?:"([^"]*)"|([^",\s]*))/i.exec(rest);
  const text = token?.[1] ?? token?.[2];
  if (text === undefined || text === '') return undefined;
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}

function first(value: string | string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : value?.[0];
}

/** A query parameter, whose name may be in any case. */
export function parameter(query: URLSearchParams, name: string): string | undefined {
  for (const [key, value] of query) if (key.toLowerCase() === name) return value;
  return undefined;
}

/** @param keys the API keys that are good. */
export function callerOf(token: string | undefined, keys: ReadonlySet<string>, accounts: readonly Account[]): Caller {
  if (token === undefined) return { kind: 'none' };
  if (keys.has(token)) return { kind: 'key' };
  const user = accounts.find((account) => account.token === token && !account.disabled);
  return user === undefined ? { kind: 'none' } : { kind: 'user', user };
}

export function takesLegacy(dialect: Dialect, setting: boolean | undefined): boolean {
  return setting ?? dialect.legacyAuth;
}
