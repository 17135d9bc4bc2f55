import type { Finding } from '../checks.ts';
import { CIPHERS, type ClientAuth } from './names.ts';
import type { TlsInput, WebFileInput } from './schema.ts';

const HASH = /^\$2[aby]?\$(?<cost>\d\d)\$[./A-Za-z0-9]{53}$/;
const LEAST_COST = 4;
/** Each step doubles the time: this is half a minute for one password. */
const MOST_COST = 18;

/** The rules that the schema cannot say, for a file that fits it. */
export function checkWebFile(file: WebFileInput): Finding[] {
  const { tls_server_config: tls, basic_auth_users: users, rate_limit: limit } = file;
  return [
    ...(tls ? checkTls(tls) : []),
    ...Object.entries(users ?? {}).flatMap(([name, hash]) => checkUser(name, hash)),
    ...((limit?.interval ?? 0) > 0 && (limit?.burst ?? 0) < 1
      ? [fault(['rate_limit', 'burst'], 'rate_limit.burst must be at least 1: with 0 every request would be refused')]
      : []),
  ];
}

/** Whether there is anything in it: then TLS is wanted. */
export function isTlsGiven(tls: TlsInput | null | undefined): tls is TlsInput {
  return Object.values(tls ?? {}).some((value) => value !== undefined);
}

/** Whether a certificate that a client shows must be of an authority that is known. */
export function verifiesClients(type: ClientAuth | undefined): boolean {
  return type === 'VerifyClientCertIfGiven' || type === 'RequireAndVerifyClientCert';
}

/** Whether a client must show a certificate. */
export function requiresClients(type: ClientAuth | undefined): boolean {
  return type === 'RequireAnyClientCert' || type === 'RequireClientCert' || type === 'RequireAndVerifyClientCert';
}

function checkTls(tls: TlsInput): Finding[] {
  if (!isTlsGiven(tls)) return [];
  const { client_auth_type: type, client_allowed_sans: sans, min_version: min, max_version: max } = tls;
  const authorities = tls.client_ca ?? tls.client_ca_file;
  const findings = (['cert', 'key', 'client_ca'] as const)
    .filter((key) => tls[key] !== undefined && tls[`${key}_file`] !== undefined)
    .map((key) => at(key, `${key} and ${key}_file are given together`));
  for (const key of ['cert', 'key'] as const) {
    if ((tls[key] ?? tls[`${key}_file`]) === undefined) findings.push(at(`${key}_file`, `${key}_file is missing`));
  }
  if (authorities !== undefined && (type === undefined || type === 'NoClientCert')) {
    findings.push(at('client_auth_type', 'client_auth_type must ask for certificates of clients: client_ca is given'));
  }
  if (authorities === undefined && verifiesClients(type)) {
    findings.push(at('client_ca_file', `client_ca_file is missing: client_auth_type is ${type}`));
  }
  if (sans !== undefined && !requiresClients(type)) {
    const types = 'RequireAndVerifyClientCert or RequireAnyClientCert';
    findings.push(at('client_allowed_sans', `client_allowed_sans needs client_auth_type to be ${types}`));
  }
  if (min === 'TLS13' && max === 'TLS12') findings.push(at('min_version', 'min_version is above max_version'));
  if (max === 'TLS12' && tls.cipher_suites?.length && tls.cipher_suites.every((name) => CIPHERS[name] === name)) {
    findings.push(at('cipher_suites', 'cipher_suites has none for TLS 1.2, and max_version is TLS12'));
  }
  return findings;
}

/** A password that is not hashed, of whom is not told. */
export function notHashed(path: readonly PropertyKey[]): Finding {
  return { code: 'MX_WEB_PASSWORD', detail: 'the password of a user is not a hash of bcrypt', path };
}

/** Neither the name nor the hash is told: who mixes them up would see the hash in the log. */
function checkUser(name: string, hash: string): Finding[] {
  const path = ['basic_auth_users', name];
  const found = HASH.exec(hash);
  const cost = Number(found?.groups?.cost);
  if (found === null || cost < LEAST_COST) {
    return [notHashed(path)];
  }
  if (cost > MOST_COST) {
    const detail = `the hash of a password has the cost ${cost}: to check it would take minutes, or days`;
    return [{ code: 'MX_WEB_PASSWORD', detail, path }];
  }
  // RFC 7617 section 2: the first colon ends the name.
  return name.includes(':') ? [fault(path, 'the name of a user has a colon, so it cannot be sent', 'key')] : [];
}

function at(key: string, detail: string): Finding {
  return fault(['tls_server_config', key], `tls_server_config: ${detail}`);
}

function fault(path: readonly string[], detail: string, where: 'key' | 'value' = 'value'): Finding {
  return { code: 'MX_WEB_VALUE', detail, path, at: where };
}
