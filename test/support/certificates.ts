import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A certificate and its key, as PEM text. */
export interface Pair {
  readonly cert: string;
  readonly key: string;
}

/** Why certificates cannot be made here. */
export const withoutOpenssl: string | undefined =
  spawnSync('openssl', ['version']).error === undefined ? undefined : 'openssl is missing';

/** An authority of a test's own, made with `openssl` over P-256. */
export class Authority {
  readonly cert: string;
  readonly #key: string;

  constructor(name = 'authority.test') {
    ({ cert: this.cert, key: this.#key } = request(['-x509', '-subj', `/CN=${name}`]));
  }

  /** Signs a certificate for alternative names, such as `DNS:localhost,IP:127.0.0.1`. */
  issue(names: string): Pair {
    const issuer = { 'authority.pem': this.cert, 'authority.key': this.#key };
    const signed = ['-x509', '-CA', 'authority.pem', '-CAkey', 'authority.key', '-subj', '/CN=issued'];
    const purpose = ['-addext', 'basicConstraints=critical,CA:FALSE'];
    return request([...signed, ...purpose, '-addext', `subjectAltName=${names}`], issuer);
  }
}

function request(args: readonly string[], files: Readonly<Record<string, string>> = {}): Pair {
  const folder = mkdtempSync(join(tmpdir(), 'certificates-'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];
  const output = ['-keyout', 'made.key', '-out', 'made.pem'];
  execFileSync('openssl', ['req', '-nodes', ...curve, ...output, ...args], { cwd: folder, stdio: 'ignore' });
  const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
  const pair = { cert: read('made.pem'), key: read('made.key') };
  rmSync(folder, { recursive: true });
  return pair;
}
