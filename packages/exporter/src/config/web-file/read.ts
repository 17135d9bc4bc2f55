import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { type ErrorCode, ExporterError, type Place } from '../../errors.ts';
import { explainFileError } from '../../system-errors.ts';
import type { Finding } from '../checks.ts';
import { readIssue } from '../issues.ts';
import { Secret, type SecretPlaces } from '../secrets.ts';
import { knownKeys } from '../suggest.ts';
import { placeFindings, readYaml } from '../yaml.ts';
import { checkWebFile, isTlsGiven, notHashed } from './rules.ts';
import { type WebFileInput, webFileSchema } from './schema.ts';
import { readTls, type TlsSettings } from './tls.ts';

/** What a web configuration file asks of the server, in the format of Prometheus' exporter-toolkit. */
export interface WebFile {
  /** `undefined` is plain HTTP. */
  readonly tls: TlsSettings | undefined;
  /** Who may come, with the bcrypt hash of the password; empty is everybody. */
  readonly users: ReadonlyMap<string, Secret>;
  /** Sent with each answer. */
  readonly headers: ReadonlyMap<string, string>;
  readonly rateLimit: RateLimit | undefined;
  /** Whether it says who may come: users, or who has a certificate of the authorities. */
  readonly restricts: boolean;
  /** What no log line may contain. */
  readonly secrets: readonly Secret[];
  /** Files whose change means a reload. */
  readonly files: readonly string[];
}

/** `burst` requests at once, and then one each `interval` seconds. */
export interface RateLimit {
  readonly interval: number;
  readonly burst: number;
}

/** The codes of this file: what can be done about a fault is another than in the configuration. */
const CODES: Partial<Record<ErrorCode, ErrorCode>> = {
  MX_CONFIG_KEY: 'MX_WEB_KEY',
  MX_CONFIG_MISSING: 'MX_WEB_VALUE',
  MX_CONFIG_VALUE: 'MX_WEB_VALUE',
};

/**
 * Reads a web configuration file and the certificates it names. Relative paths in it are relative to the file.
 *
 * @throws ExporterError with all that is wrong: `MX_WEB_READ`, `MX_CONFIG_SYNTAX`, `MX_WEB_KEY`, `MX_WEB_VALUE`,
 *   `MX_WEB_PASSWORD` or `MX_WEB_CERTIFICATE`, never with a hash or a key in it.
 */
export async function readWebFile(file: string, { readFile }: Pick<SecretPlaces, 'readFile'>): Promise<WebFile> {
  const text = await readFile(file).catch((error: unknown) => {
    throw new ExporterError({ code: 'MX_WEB_READ', detail: `${file} ${explainFileError(error)}` }, { cause: error });
  });
  const yaml = readYaml(text, file);
  if (!yaml.ok) throw new ExporterError(yaml.problems);
  const { data, findings } = validate(yaml.raw);
  if (data === undefined) throw new ExporterError(placeFindings(findings, yaml));
  const { tls_server_config: tls, http_server_config: http, basic_auth_users: users, rate_limit: limit } = data;
  const { interval = 0, burst = 0 } = limit ?? {};
  const around = {
    readFile,
    folder: dirname(resolve(file)),
    place: (key: string): Place => yaml.place(['tls_server_config', key]),
  };
  const read = isTlsGiven(tls) ? await readTls(tls, around) : undefined;
  const hashes = new Map(Object.entries(users ?? {}).map(([name, hash]) => [name, new Secret(hash)]));
  const headers = Object.entries(http?.headers ?? {}).filter(([, value]) => value !== undefined);
  return {
    tls: read?.settings,
    users: hashes,
    headers: new Map(headers as [string, string][]),
    rateLimit: interval > 0 ? { interval, burst } : undefined,
    restricts: hashes.size > 0 || read?.settings.clientAuth === 'RequireAndVerifyClientCert',
    secrets: [...hashes.values(), ...(tls?.key === undefined ? [] : [new Secret(tls.key)])],
    files: [file, ...(read?.files ?? [])],
  };
}

function validate(raw: unknown): { readonly data?: WebFileInput; readonly findings: readonly Finding[] } {
  const { data, error } = webFileSchema.safeParse(raw, { reportInput: true });
  const known = (path: readonly PropertyKey[]): string[] =>
    knownKeys(path, z.toJSONSchema(webFileSchema, { io: 'input', unrepresentable: 'any' }));
  const findings =
    data === undefined
      ? (error?.issues ?? []).flatMap((issue) => readUserIssue(issue) ?? readIssue(issue, known))
      : checkWebFile(data);
  const renamed = findings.map((finding) => ({ ...finding, code: CODES[finding.code] ?? finding.code }));
  return data === undefined || renamed.length > 0 ? { findings: renamed } : { data, findings: [] };
}

/** An issue with the password of a user, without the key: who mixes the two up has the hash there. */
function readUserIssue({ path }: z.core.$ZodIssue): Finding[] | undefined {
  return path[0] === 'basic_auth_users' && path.length > 1 ? [notHashed(path)] : undefined;
}
