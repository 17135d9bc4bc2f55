import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { describeProblem, ExporterError } from '../../errors.ts';
import { CIPHERS, cipherList } from './names.ts';
import { readWebFile, type WebFile } from './read.ts';

const pem = (name: string): string => readFileSync(new URL(`../../../testdata/tls/${name}`, import.meta.url), 'utf8');
const CERT = pem('server.pem');
const KEY = pem('server.key');
const HASH = '$2y$10$tLEJZc1N.as7F1EaM/EK0O9TMe/sWPiN2tV2hChd3rR7uu/ZRdGLS';
const HIDDEN = ['tLEJZc1N.as7F1EaM/', 'hunter2', 'correct-horse'];

const FILES: Readonly<Record<string, string>> = {
  '/etc/exporter/server.pem': CERT,
  '/etc/exporter/server.key': KEY,
  '/etc/exporter/authority.pem': pem('authority.pem'),
  '/etc/exporter/empty.pem': '',
  '/run/keys/server.key': KEY,
};

function read(text: string): Promise<WebFile> {
  return readWebFile('/etc/exporter/web.yml', {
    async readFile(path) {
      const content = path === '/etc/exporter/web.yml' ? text : FILES[path];
      if (content === undefined) throw Object.assign(new Error('none'), { code: 'ENOENT' });
      return content;
    },
  });
}

/** What is told to be wrong: place, code and what, one line each. */
async function faultsOf(text: string): Promise<string[]> {
  try {
    await read(text);
  } catch (error) {
    if (!(error instanceof ExporterError)) throw error;
    const told = error.problems.map(describeProblem).join();
    for (const secret of HIDDEN) expect(told).not.toContain(secret);
    return error.problems.map(({ place, code, detail }) => `${place?.line}:${place?.column} ${code} ${detail}`);
  }
  return [];
}

const PAIR = 'cert_file: server.pem, key_file: server.key';

test('a file that asks for nothing changes nothing', async () => {
  for (const text of ['', '{}', 'tls_server_config:\nhttp_server_config:\nbasic_auth_users:\nrate_limit:\n']) {
    expect(await read(text)).toEqual({
      tls: undefined,
      users: new Map(),
      headers: new Map(),
      rateLimit: undefined,
      restricts: false,
      secrets: [],
      files: ['/etc/exporter/web.yml'],
    });
  }
});

test('certificates are read beside the file, and watched with it', async () => {
  const { tls, files, restricts } = await read(
    `tls_server_config:\n  cert_file: server.pem\n  key_file: /run/keys/server.key\n`,
  );
  expect(tls).toMatchObject({ clientAuth: 'NoClientCert', allowedSans: undefined });
  expect(tls?.context).toMatchObject({ cert: CERT, key: KEY, ca: [], minVersion: 'TLSv1.2', maxVersion: 'TLSv1.3' });
  expect(files).toEqual(['/etc/exporter/web.yml', '/etc/exporter/server.pem', '/run/keys/server.key']);
  expect(restricts).toBe(false);
});

test('certificate and key can stand in the file itself', async () => {
  const indented = (text: string): string => text.replaceAll(/^/gm, '    ');
  const { tls, files, secrets } = await read(
    `tls_server_config:\n  cert: |\n${indented(CERT)}\n  key: |\n${indented(KEY)}\n`,
  );
  expect(tls?.context.key).toContain('PRIVATE KEY');
  expect(files).toEqual(['/etc/exporter/web.yml']);
  expect(secrets.map((secret) => secret.reveal())).toEqual([tls?.context.key]);
});

test('empty texts are as if they were not there', async () => {
  const { tls } = await read(`tls_server_config: { ${PAIR}, cert: "", client_ca_file: "", client_auth_type: }`);
  expect(tls).toMatchObject({ clientAuth: 'NoClientCert' });
  expect((await read('tls_server_config: { cert_file: "", key_file: }')).tls).toBeUndefined();
});

test('versions, cipher suites and curves are told to OpenSSL by its own names', async () => {
  const { tls } = await read(`tls_server_config:
  cert_file: server.pem
  key_file: server.key
  min_version: TLS13
  prefer_server_cipher_suites: false
  cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, TLS_AES_128_GCM_SHA256]
  curve_preferences: [X25519, CurveP256]
`);
  expect(tls?.context).toMatchObject({ minVersion: 'TLSv1.3', honorCipherOrder: false, ecdhCurve: 'X25519:P-256' });
  expect(tls?.context.ciphers).toBe(
    'TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:ECDHE-ECDSA-AES256-GCM-SHA384',
  );
});

test('OpenSSL knows each cipher suite and curve', async () => {
  const all = Object.keys(CIPHERS);
  const curves = 'curve_preferences: [CurveP256, CurveP384, CurveP521, X25519]';
  for (const name of all) {
    const { tls } = await read(`tls_server_config: { ${PAIR}, ${curves}, cipher_suites: [${name}] }`);
    expect(tls?.context.ciphers).toBe(cipherList([name as keyof typeof CIPHERS]));
  }
});

test('users and verified certificates of clients say who may come', async () => {
  const users = await read(`basic_auth_users:\n  alice: ${HASH}\n`);
  expect(users.restricts).toBe(true);
  expect(users.users.get('alice')?.reveal()).toBe(HASH);
  const clients = 'client_ca_file: authority.pem, client_auth_type:';
  const restricts = async (type: string): Promise<boolean> =>
    (await read(`tls_server_config: { ${PAIR}, ${clients} ${type} }`)).restricts;
  expect(await restricts('RequireAndVerifyClientCert')).toBe(true);
  expect(await restricts('VerifyClientCertIfGiven')).toBe(false);
  expect(await restricts('RequireAnyClientCert')).toBe(false);
});

test('headers and the limit of requests are taken', async () => {
  const { headers, rateLimit } = await read(`http_server_config:
  http2: true
  headers: { X-Frame-Options: deny, Strict-Transport-Security: max-age=60, X-XSS-Protection: "" }
rate_limit: { interval: 1m0.5s, burst: 3 }
`);
  expect(Object.fromEntries(headers)).toEqual({ 'X-Frame-Options': 'deny', 'Strict-Transport-Security': 'max-age=60' });
  expect(rateLimit).toEqual({ interval: 60.5, burst: 3 });
  for (const interval of ['0', '"0"', '0s']) {
    expect((await read(`rate_limit: { interval: ${interval}, burst: 0 }`)).rateLimit).toBeUndefined();
  }
});

test.each([
  [
    'tls_server_config:\n  cert_fil: x\n',
    '2:3 MX_WEB_KEY unknown key "cert_fil" in tls_server_config; did you mean "cert_file"?',
  ],
  ['basic_auth_user: {}', '1:1 MX_WEB_KEY unknown key "basic_auth_user"; did you mean "basic_auth_users"?'],
  ['a: [', '1:5 MX_CONFIG_SYNTAX '],
  ['tls_server_config: on', '1:20 MX_WEB_VALUE tls_server_config must be a mapping'],
  ['- a', '1:1 MX_WEB_VALUE the file must be a mapping'],
  ['tls_server_config:\n  min_version: TLS13\n', '2:3 MX_WEB_VALUE tls_server_config: cert_file is missing'],
  [`tls_server_config: { ${PAIR}, cert: x }`, 'MX_WEB_VALUE tls_server_config: cert and cert_file are given together'],
  [
    `tls_server_config:\n  cert_file: server.pem\n  key_file: server.key\n  min_version: TLS10\n`,
    '4:16 MX_WEB_VALUE tls_server_config.min_version must be one of: TLS12, TLS13',
  ],
  [`tls_server_config: { ${PAIR}, min_version: TLS13, max_version: TLS12 }`, 'min_version is above max_version'],
  [
    `tls_server_config:\n  cert_file: server.pem\n  key_file: server.key\n  cipher_suites: [TLS_RSA_WITH_RC4_128_SHA]\n`,
    '4:19 MX_WEB_VALUE tls_server_config.cipher_suites[0] must be one of: TLS_AES_128_GCM_SHA256, ',
  ],
  [
    `tls_server_config: { ${PAIR}, max_version: TLS12, cipher_suites: [TLS_AES_128_GCM_SHA256] }`,
    'cipher_suites has none for TLS 1.2',
  ],
  [
    `tls_server_config: { ${PAIR}, curve_preferences: [P256] }`,
    'must be one of: CurveP256, CurveP384, CurveP521, X25519',
  ],
  [`tls_server_config: { ${PAIR}, client_auth_type: Verify }`, 'must be one of: NoClientCert, RequestClientCert, '],
  [
    `tls_server_config: { ${PAIR}, client_auth_type: RequireAndVerifyClientCert }`,
    'client_ca_file is missing: client_auth_type is RequireAndVerifyClientCert',
  ],
  [`tls_server_config: { ${PAIR}, client_ca_file: authority.pem }`, 'client_auth_type must ask for certificates'],
  [
    `tls_server_config: { ${PAIR}, client_ca_file: authority.pem, client_auth_type: VerifyClientCertIfGiven, client_allowed_sans: [a] }`,
    'client_allowed_sans needs client_auth_type to be RequireAndVerifyClientCert or RequireAnyClientCert',
  ],
  [`tls_server_config: { ${PAIR}, client_allowed_sans: [] }`, 'client_allowed_sans must have at least 1 entry'],
  [
    'tls_server_config:\n  cert_file: server.pem\n  key_file: none.key\n',
    '3:13 MX_WEB_CERTIFICATE tls_server_config.key_file: the file does not exist',
  ],
  [
    'tls_server_config:\n  cert_file: empty.pem\n  key_file: server.key\n',
    '2:14 MX_WEB_CERTIFICATE tls_server_config.cert_file: there is no certificate in it',
  ],
  [
    'tls_server_config: { cert_file: authority.pem, key_file: server.key }',
    '1:58 MX_WEB_CERTIFICATE tls_server_config.key_file: the key is not that of the certificate',
  ],
  [
    'tls_server_config: { cert_file: server.pem, key: no key }',
    '1:50 MX_WEB_CERTIFICATE tls_server_config.key: there is no key in it',
  ],
  [
    'http_server_config:\n  headers:\n    X-Powered-By: me\n',
    '3:5 MX_WEB_KEY unknown key in http_server_config.headers',
  ],
  ['http_server_config: { headers: { X-Frame-Options: never } }', 'must be one of: deny, sameorigin'],
  ['http_server_config: { headers: { X-XSS-Protection: "1\\n2" } }', 'X-XSS-Protection must be one line of ASCII text'],
  ['http_server_config: { http2: maybe }', '1:30 MX_WEB_VALUE http_server_config.http2 must be true or false'],
  ['basic_auth_users:\n  alice: hunter2\n', '2:10 MX_WEB_PASSWORD the password of a user is not a hash of bcrypt'],
  ['basic_auth_users:\n  alice:\n', '2:9 MX_WEB_PASSWORD the password of a user is not a hash of bcrypt'],
  [`basic_auth_users:\n  ${HASH}: alice\n`, '2:65 MX_WEB_PASSWORD the password of a user is not a hash of bcrypt'],
  [`basic_auth_users:\n  ${HASH}: 1\n`, '2:65 MX_WEB_PASSWORD the password of a user is not a hash of bcrypt'],
  [`basic_auth_users: { alice: "${HASH.replace('$10$', '$03$')}" }`, 'MX_WEB_PASSWORD the password of a user is not'],
  [`basic_auth_users: { alice: "${HASH.replace('$10$', '$31$')}" }`, 'the hash of a password has the cost 31'],
  [`basic_auth_users: { "al:ice": "${HASH}" }`, '1:21 MX_WEB_VALUE the name of a user has a colon'],
  [`basic_auth_users: { alice: "${HASH}", alice: "${HASH}" }`, 'MX_CONFIG_SYNTAX a key is given twice'],
  [`basic_auth_users:\n  __proto__: ${HASH}\n`, 'MX_WEB_VALUE basic_auth_users must not have a user named __proto__'],
  [`${HASH}: alice`, '1:1 MX_WEB_KEY unknown key'],
  ['correct-horse: alice', '1:1 MX_WEB_KEY unknown key'],
  ['tls_server_config:\n  hunter2: x\n', '2:3 MX_WEB_KEY unknown key in tls_server_config'],
  ['rate_limit: { interval: 1s }', 'rate_limit.burst must be at least 1'],
  ['rate_limit: { interval: 5, burst: 1 }', 'rate_limit.interval must be a duration such as 500ms, 1s or 1m30s'],
  ['rate_limit: { interval: 1s, burst: -1 }', 'rate_limit.burst must be at least 0'],
])('%j is refused with its place and code', async (text, fault) => {
  const [first, ...more] = await faultsOf(text);
  expect(first).toContain(fault);
  // A certificate that is missing is so with its key.
  expect(more.filter((line) => !line.includes('key_file is missing'))).toEqual([]);
});

test('all that is wrong is told at once, in the order of the file', async () => {
  const faults = await faultsOf('rate_limits: {}\nbasic_auth_users: { alice: 1 }\nhttp_server_config: { http2: 2 }\n');
  expect(faults.map((line) => line.split(' ', 2).join(' '))).toEqual([
    '1:1 MX_WEB_KEY',
    '2:28 MX_WEB_PASSWORD',
    '3:30 MX_WEB_VALUE',
  ]);
});

test('a file that cannot be read is told by its path', async () => {
  const nothing = readWebFile('/none.yml', {
    readFile: () => Promise.reject(Object.assign(new Error('none'), { code: 'ENOENT' })),
  });
  await expect(nothing).rejects.toMatchObject({
    code: 'MX_WEB_READ',
    message: expect.stringContaining('/none.yml does not exist'),
  });
});
