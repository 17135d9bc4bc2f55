import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { get } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { describeIf } from '../../../../test/support/tools.ts';
import { SimulatedPlex } from './plex.ts';

/** A certificate that signs itself. */
function makeCertificate(): { key: string; cert: string } {
  const folder = mkdtempSync(join(tmpdir(), 'simulated-plex-'));
  const files = { key: join(folder, 'key.pem'), cert: join(folder, 'cert.pem') };
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];
  const output = ['-keyout', files.key, '-out', files.cert];
  execFileSync('openssl', ['req', '-x509', '-nodes', ...curve, ...subject, ...output], { stdio: 'ignore' });
  const pem = { key: readFileSync(files.key, 'utf8'), cert: readFileSync(files.cert, 'utf8') };
  rmSync(folder, { recursive: true });
  return pem;
}

const missing = spawnSync('openssl', ['version']).error === undefined ? undefined : 'openssl is missing';

describeIf(missing, 'a server with TLS', () => {
  test('answers https and wss to who trusts its certificate', async () => {
    const tls = makeCertificate();
    const plex = new SimulatedPlex({ tls });
    await plex.listen();
    const trust = { ca: tls.cert, servername: 'localhost' };
    const status = await new Promise((resolve, reject) => {
      get(`${plex.url}/identity`, { ...trust, agent: false }, (response) => {
        response.resume();
        resolve(response.statusCode);
      }).on('error', reject);
    });
    const url = `${plex.url.replace('https:', 'wss:')}/:/websockets/notifications`;
    const socket = new WebSocket(url, { ...trust, headers: { 'x-plex-token': plex.token } });
    await new Promise((resolve) => socket.once('open', resolve));
    expect([plex.url.slice(0, 8), status, plex.requests.connections]).toEqual(['https://', 200, 2]);
    await expect(fetch(`${plex.url}/identity`)).rejects.toThrow();
    await plex.close();
  });
});
