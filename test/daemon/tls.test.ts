import { request } from 'node:https';
import { connect as connectPlain, type Socket } from 'node:net';
import { type ConnectionOptions, connect } from 'node:tls';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { Authority, type Pair, withoutOpenssl } from '../support/certificates.ts';
import { describeIf } from '../support/tools.ts';
import { turnUntil } from '../support/until.ts';
import { ask, type Bench, config, set, stopAll } from './bench.ts';

const PAIR = 'cert_file: server.pem, key_file: server.key';
const CLIENTS = 'client_ca_file: clients.pem, client_auth_type';

describeIf(withoutOpenssl, 'an exporter that speaks TLS', () => {
  let servers: Authority;
  let clients: Authority;
  let first: Pair;
  let second: Pair;
  let known: Pair;
  let foreign: Pair;
  const open: Socket[] = [];

  beforeAll(() => {
    servers = new Authority('servers.test');
    clients = new Authority('clients.test');
    first = servers.issue('DNS:localhost,IP:127.0.0.1');
    second = servers.issue('DNS:localhost,IP:127.0.0.1,DNS:second.test');
    known = clients.issue('DNS:scraper.test');
    foreign = new Authority('foreign.test').issue('DNS:scraper.test');
  });

  afterEach(async () => {
    for (const socket of open.splice(0)) socket.destroy();
    await stopAll();
  });

  function install(bench: Bench, { cert, key }: Pair): void {
    bench.files.set('/etc/server.pem', cert);
    bench.files.set('/etc/server.key', key);
  }

  async function start(tls: string): Promise<Bench> {
    const bench = set(config('one', ', config_file: /etc/web.yml'));
    bench.files.set('/etc/web.yml', tls === '' ? '' : `tls_server_config: { ${tls} }\n`);
    bench.files.set('/etc/clients.pem', clients.cert);
    install(bench, first);
    await bench.exporter.start();
    return bench;
  }

  const portOf = (bench: Bench): number => Number(bench.exporter.addresses[0]?.split(':')[1]);

  /** The status of an answer over TLS, or why there is none. */
  function status(bench: Bench, options: ConnectionOptions = {}): Promise<number | string> {
    return new Promise((resolve) => {
      const asked = { host: '127.0.0.1', port: portOf(bench), path: '/metrics', agent: false, ca: servers.cert };
      request({ ...asked, ...options } as object, (response) => {
        response.resume().on('end', () => resolve(response.statusCode ?? 0));
      })
        .on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'failed'))
        .end();
    });
  }

  /** The names of the certificate that the server shows. */
  function names(bench: Bench): Promise<string | undefined> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host: '127.0.0.1', port: portOf(bench), ca: servers.cert }, () => {
        resolve(socket.getPeerX509Certificate()?.subjectAltName);
        socket.end();
      });
      socket.on('error', reject);
    });
  }

  test('answers who trusts its certificate, and says so in the log', async () => {
    const bench = await start(PAIR);
    expect(bench.exporter.scheme).toBe('https');
    expect(bench.lines.join('')).toMatch(/msg=listening address=127\.0\.0\.1:\d+ scheme=https\n/);
    expect(await status(bench)).toBe(200);
    expect(await status(bench, { ca: clients.cert })).toBe('UNABLE_TO_VERIFY_LEAF_SIGNATURE');
    expect(await ask(bench, '/metrics')).toMatchObject({ status: 400, body: expect.stringContaining('speaks HTTPS') });
  });

  test('speaks no version and no cipher suite that is not allowed', async () => {
    const suite = 'cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384]';
    const bench = await start(`${PAIR}, min_version: TLS13`);
    // An alert is EPROTO to a client that has not written all it wanted.
    expect(await status(bench, { maxVersion: 'TLSv1.2' })).toBeOneOf([
      'EPROTO',
      'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION',
    ]);
    expect(await status(bench)).toBe(200);
    const limited = await start(`${PAIR}, ${suite}`);
    const old = { maxVersion: 'TLSv1.2' } as const;
    expect(await status(limited, { ...old, ciphers: 'ECDHE-ECDSA-AES256-GCM-SHA384' })).toBe(200);
    expect(await status(limited, { ...old, ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256' })).toBeOneOf([
      'EPROTO',
      'ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE',
    ]);
    // The suites of TLS 1.3 cannot be chosen, and stay.
    expect(await status(limited)).toBe(200);
  });

  const answered = (result: number | string): boolean => result === 200;

  test.each([
    ['NoClientCert', PAIR, [true, true, true]],
    ['RequestClientCert', `${PAIR}, client_auth_type: RequestClientCert`, [true, true, true]],
    ['RequireAnyClientCert', `${PAIR}, client_auth_type: RequireAnyClientCert`, [false, true, true]],
    ['VerifyClientCertIfGiven', `${PAIR}, ${CLIENTS}: VerifyClientCertIfGiven`, [true, false, true]],
    ['RequireAndVerifyClientCert', `${PAIR}, ${CLIENTS}: RequireAndVerifyClientCert`, [false, false, true]],
  ])(
    '%s: clients without a certificate, with one of a foreign authority, and with one of the right one',
    async (_, tls, expected) => {
      const bench = await start(tls);
      for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
        const results = [{}, foreign, known].map(async (pair) =>
          answered(await status(bench, { ...pair, maxVersion })),
        );
        expect(await Promise.all(results), maxVersion).toEqual(expected);
      }
    },
  );

  test('admits only clients with a name that is allowed', async () => {
    const verified = `${PAIR}, ${CLIENTS}: RequireAndVerifyClientCert`;
    const bench = await start(`${verified}, client_allowed_sans: [other.test, scraper.test]`);
    expect(await status(bench, known)).toBe(200);
    expect(answered(await status(bench, clients.issue('DNS:guest.test')))).toBe(false);
    const byAddress = await start(`${verified}, client_allowed_sans: ["::1"]`);
    expect(await status(byAddress, clients.issue('IP:::1'))).toBe(200);
    expect(answered(await status(byAddress, known))).toBe(false);
  });

  test('verifies the certificate of a client with each connection, and takes none for it that it has seen', async () => {
    const bench = await start(`${PAIR}, ${CLIENTS}: RequireAndVerifyClientCert`);
    for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
      const options = { host: '127.0.0.1', port: portOf(bench), ca: servers.cert, maxVersion, ...known };
      const session = await new Promise<Buffer | undefined>((resolve, reject) => {
        let ticket: Buffer | undefined;
        const socket = connect(options, () =>
          socket.end('GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'),
        );
        socket.on('session', (given) => {
          ticket = given;
        });
        socket.resume().on('error', reject);
        socket.on('close', () => resolve(ticket ?? socket.getSession()));
      });
      const again = await new Promise<boolean>((resolve, reject) => {
        const socket = connect({ ...options, ...(session && { session }) }, () => {
          resolve(socket.isSessionReused());
          socket.end();
        });
        socket.on('error', reject);
      });
      expect(again, maxVersion).toBe(false);
    }
  });

  test('shows a certificate that was renewed, without a restart', async () => {
    const bench = await start(PAIR);
    expect(await names(bench)).not.toContain('second.test');
    install(bench, second);
    await bench.clock.tick(5_000);
    await turnUntil(() => bench.lines.some((line) => line.includes('loaded again')));
    expect(await names(bench)).toContain('second.test');
    expect(await status(bench)).toBe(200);
  });

  test('keeps the old certificate where the new one is wrong, and says what is', async () => {
    const bench = await start(PAIR);
    bench.files.set('/etc/server.pem', second.cert);
    expect(await bench.exporter.reload()).toMatchObject([
      { code: 'MX_WEB_CERTIFICATE', detail: expect.stringContaining('the key is not that of the certificate') },
    ]);
    expect(await names(bench)).not.toContain('second.test');
    bench.files.set('/etc/server.key', second.key);
    expect(await bench.exporter.reload()).toEqual([]);
    expect(await names(bench)).toContain('second.test');
    expect(bench.lines.join('')).not.toContain('PRIVATE KEY');
  });

  test('wants certificates of clients as soon as a reload says so', async () => {
    const bench = await start(PAIR);
    expect(await status(bench)).toBe(200);
    bench.files.set('/etc/web.yml', `tls_server_config: { ${PAIR}, ${CLIENTS}: RequireAndVerifyClientCert }`);
    expect(await bench.exporter.reload()).toEqual([]);
    expect(answered(await status(bench))).toBe(false);
    expect(await status(bench, known)).toBe(200);
  });

  test('begins and ends to speak TLS by a reload, on the same port', async () => {
    const bench = await start('');
    const port = portOf(bench);
    expect((await ask(bench, '/metrics')).status).toBe(200);
    bench.files.set('/etc/web.yml', `tls_server_config: { ${PAIR} }`);
    expect(await bench.exporter.reload()).toEqual([]);
    expect(await status(bench)).toBe(200);
    expect(await ask(bench, '/metrics')).toMatchObject({ status: 400, body: expect.stringContaining('speaks HTTPS') });
    bench.files.set('/etc/web.yml', '');
    expect(await bench.exporter.reload()).toEqual([]);
    expect((await ask(bench, '/metrics')).status).toBe(200);
    expect(portOf(bench)).toBe(port);
    const schemes = bench.lines.flatMap((line) => /msg=listening .*scheme=(\w+)/.exec(line)?.[1] ?? []);
    expect(schemes).toEqual(['http', 'https', 'http']);
  });

  /** What comes over a connection that was made before, until it is closed. */
  const rest = (socket: Socket): Promise<string> =>
    new Promise((resolve) => {
      let text = '';
      socket.setEncoding('latin1').on('data', (chunk: string) => {
        text += chunk;
      });
      socket.on('close', () => resolve(text)).on('error', () => {});
    });

  test('ends connections of before with the answer that they wait for', async () => {
    const bench = await start('');
    const plain = (): Socket => {
      const socket = connectPlain(portOf(bench), '127.0.0.1');
      open.push(socket);
      return socket;
    };
    const [idle, busy] = [plain(), plain()];
    const ended = [rest(idle), rest(busy)] as const;
    const head = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`;
    idle.write(head('/health'));
    await new Promise((resolve) => idle.once('data', resolve));
    const gate = Promise.withResolvers<number>();
    await turnUntil(() => bench.exporter.unready === undefined);
    const before = bench.source('one').asked;
    bench.source('one').answer = () => gate.promise;
    busy.write(head('/metrics'));
    await turnUntil(() => bench.source('one').asked > before);
    bench.files.set('/etc/web.yml', `tls_server_config: { ${PAIR} }`);
    expect(await bench.exporter.reload()).toEqual([]);
    expect(await ended[0]).toContain('{"status":"ok"}');
    // One more request comes too late: it is not handled, and the answer of before arrives whole.
    busy.write('POST /-/reload HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n');
    expect(await status(bench, { path: '/health' } as object)).toBe(200);
    gate.resolve(7);
    const [scraped, ...more] = (await ended[1]).split(/(?=HTTP\/1\.1 )/);
    expect(scraped).toContain('sfu_streams{source="one",kind="audio"} 7\n');
    expect(more).toEqual([]);
    expect(bench.lines.filter((line) => line.includes('loaded again'))).toHaveLength(1);
  });

  test('stops although a client never shakes hands', async () => {
    const bench = await start(PAIR);
    const silent = connectPlain(portOf(bench), '127.0.0.1');
    open.push(silent);
    const ended = rest(silent);
    await new Promise((resolve) => silent.once('connect', resolve));
    // A whole exchange on another connection: the silent one was accepted before.
    expect(await status(bench)).toBe(200);
    await bench.exporter.stop();
    expect(await ended).toBe('');
    expect(bench.clock.pending).toBe(0);
  });
});
