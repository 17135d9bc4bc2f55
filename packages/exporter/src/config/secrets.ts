import { createHash, timingSafeEqual } from 'node:crypto';
import { inspect } from 'node:util';
import { ExporterError } from '../errors.ts';
import { explainFileError } from '../system-errors.ts';

const HIDDEN = '[redacted]';

/** A value that shows itself only to who calls {@link Secret.reveal}: not in logs, JSON or an inspection. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  /** A short name for the value that does not tell it, to see whether it changed. */
  fingerprint(): string {
    return createHash('sha256').update(this.#value).digest('base64url').slice(0, 16);
  }

  /** Compares in a time that does not depend on where the two differ. */
  equals(other: string): boolean {
    const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
    return timingSafeEqual(digest(this.#value), digest(other));
  }

  toString(): string {
    return HIDDEN;
  }

  toJSON(): string {
    return HIDDEN;
  }

  [inspect.custom](): string {
    return HIDDEN;
  }
}

/** What reading a secret needs of the world. */
export interface SecretPlaces {
  readFile(path: string): Promise<string>;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** A secret as the configuration gives it: itself, a file, or a variable; at most one of them. */
export interface SecretFields {
  readonly value?: string | undefined;
  readonly file?: string | undefined;
  readonly env?: string | undefined;
}

/**
 * Reads a secret from where the configuration says it is; `undefined` when there is none. Of a file, its first line.
 *
 * @throws ExporterError `MX_SECRET_FILE` or `MX_SECRET_ENV`, without the value.
 */
export async function readSecret(
  fields: SecretFields,
  what: string,
  places: SecretPlaces,
): Promise<Secret | undefined> {
  if (fields.value !== undefined) return new Secret(fields.value);
  if (fields.file !== undefined) return new Secret(await readFirstLine(fields.file, what, places));
  if (fields.env !== undefined) {
    const value = places.env[fields.env];
    if (value === undefined || value === '') {
      // Not its name, nor the path of a file: a secret pasted there by mistake would be shown.
      throw new ExporterError({ code: 'MX_SECRET_ENV', detail: `${what}: the variable is not set` });
    }
    return new Secret(value);
  }
  return undefined;
}

// RFC 6750 section 2.1: b64token.
const BEARER = /^[A-Za-z0-9._~+/-]+=*$/;

/** Why a text cannot be sent as a bearer token, or nothing. */
export function judgeBearer(text: string): string | undefined {
  return BEARER.test(text)
    ? undefined
    : 'it has characters that a header cannot carry; letters, digits and -._~+/ can be used, and = at the end';
}

/**
 * Reads the secret of a source, which a header carries.
 *
 * @throws ExporterError `MX_SECRET_FILE`, `MX_SECRET_ENV` or `MX_SECRET_FORM`, without the value.
 */
export async function readSourceSecret(
  fields: SecretFields,
  what: string,
  places: SecretPlaces,
): Promise<Secret | undefined> {
  const secret = await readSecret(fields, what, places);
  const fault = secret === undefined ? undefined : judgeBearer(secret.reveal());
  if (fault !== undefined) throw new ExporterError({ code: 'MX_SECRET_FORM', detail: `${what}: ${fault}` });
  return secret;
}

/**
 * Reads the bearer token that guards the metrics.
 *
 * @throws ExporterError `MX_SECRET_FILE` or `MX_TOKEN_WEAK`.
 */
export async function readToken(file: string, places: SecretPlaces): Promise<Secret> {
  const token = await readFirstLine(file, 'web.auth.token_file', places);
  const fault = token.length < 16 ? 'it is shorter than 16 characters' : judgeBearer(token);
  if (fault !== undefined) {
    throw new ExporterError({ code: 'MX_TOKEN_WEAK', detail: `the token of web.auth.token_file: ${fault}` });
  }
  return new Secret(token);
}

async function readFirstLine(file: string, what: string, places: SecretPlaces): Promise<string> {
  let text: string;
  try {
    text = await places.readFile(file);
  } catch (error) {
    throw new ExporterError(
      { code: 'MX_SECRET_FILE', detail: `${what}: the file ${explainFileError(error)}` },
      { cause: error },
    );
  }
  const [line = ''] = text.split(/\r?\n/, 1);
  const value = line.trim();
  if (value === '')
    throw new ExporterError({ code: 'MX_SECRET_FILE', detail: `${what}: the first line of the file is empty` });
  return value;
}
