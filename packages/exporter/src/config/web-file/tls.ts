import { constants, createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { resolve } from 'node:path';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import { ExporterError, type Place, type Problem } from '../../errors.ts';
import { codeOf, explainFileError } from '../../system-errors.ts';
import { type ClientAuth, CURVES, cipherList, VERSIONS } from './names.ts';
import type { TlsInput } from './schema.ts';

/** How the server speaks TLS, and what it wants of clients. */
export interface TlsSettings {
  readonly context: SecureContextOptions;
  readonly clientAuth: ClientAuth;
  /** Names of which the certificate of a client must have one; `undefined` is any. */
  readonly allowedSans: readonly string[] | undefined;
}

/** What reading the certificates needs beside the settings. */
export interface TlsPlaces {
  readFile(path: string): Promise<string>;
  /** Relative paths are relative to it. */
  readonly folder: string;
  /** Where a key of the settings stands. */
  place(key: string): Place;
}

/**
 * Reads the certificates that the settings name. The settings fit the rules already.
 *
 * @throws ExporterError `MX_WEB_CERTIFICATE`, once for each that cannot be used.
 */
export async function readTls(
  tls: TlsInput,
  places: TlsPlaces,
): Promise<{ readonly settings: TlsSettings; readonly files: readonly string[] }> {
  const problems: Problem[] = [];
  const files: string[] = [];
  const refuse = (key: string, detail: string): undefined => {
    const text = `tls_server_config.${key}: ${detail}`;
    problems.push({ code: 'MX_WEB_CERTIFICATE', detail: text, place: places.place(key) });
  };
  /** The text of `key`, or of its file, if `parse` takes it. */
  const read = async <T>(key: 'cert' | 'key' | 'client_ca', parse: (text: string) => T, what: string) => {
    const file = tls[`${key}_file`];
    const name = file === undefined ? key : `${key}_file`;
    let text = tls[key];
    if (file !== undefined) {
      const path = resolve(places.folder, file);
      files.push(path);
      text = await places.readFile(path).catch((error: unknown) => refuse(name, `the file ${explainFileError(error)}`));
    }
    if (text === undefined) return undefined;
    try {
      return { text, parsed: parse(text) };
    } catch (error) {
      return refuse(name, isEncrypted(error) ? 'the key is encrypted' : `there is no ${what} in it`);
    }
  };
  const cert = await read('cert', (text) => new X509Certificate(text), 'certificate');
  const key = await read('key', (text): KeyObject => createPrivateKey(text), 'key');
  const authorities = await read('client_ca', (text) => new X509Certificate(text), 'certificate');
  const settings = settingsOf(tls, { cert: cert?.text, key: key?.text, ca: authorities?.text });
  if (cert && key && !cert.parsed.checkPrivateKey(key.parsed)) {
    refuse(tls.key === undefined ? 'key_file' : 'key', 'the key is not that of the certificate');
  } else if (problems.length === 0) {
    try {
      createSecureContext(settings.context);
    } catch (error) {
      refuse(tls.cert === undefined ? 'cert_file' : 'cert', `OpenSSL refuses the certificate (${codeOf(error)})`);
    }
  }
  if (problems.length > 0) throw new ExporterError(problems);
  return { settings, files };
}

function settingsOf(tls: TlsInput, pem: { cert: string | undefined; key: string | undefined; ca: string | undefined }) {
  const { client_auth_type: clientAuth = 'NoClientCert', cipher_suites: ciphers, curve_preferences: curves } = tls;
  const context: SecureContextOptions = {
    cert: pem.cert,
    key: pem.key,
    // Without the key, Node.js would trust all authorities that it knows.
    ca: pem.ca ?? [],
    minVersion: VERSIONS[tls.min_version ?? 'TLS12'],
    maxVersion: VERSIONS[tls.max_version ?? 'TLS13'],
    honorCipherOrder: tls.prefer_server_cipher_suites ?? true,
    // A session that is resumed would not be verified again.
    secureOptions: clientAuth === 'NoClientCert' ? 0 : constants.SSL_OP_NO_TICKET,
    ...(ciphers?.length ? { ciphers: cipherList(ciphers) } : {}),
    ...(curves?.length ? { ecdhCurve: curves.map((name) => CURVES[name]).join(':') } : {}),
  };
  return { context, clientAuth, allowedSans: tls.client_allowed_sans } satisfies TlsSettings;
}

function isEncrypted(error: unknown): boolean {
  return codeOf(error) === 'ERR_MISSING_PASSPHRASE';
}
