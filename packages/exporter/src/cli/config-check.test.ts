import { expect, test } from 'vitest';
import { MINIMAL, runCli, write } from './program.testing.ts';

test('--config.check tells a good file from a bad one', async () => {
  const good = await write('good.yml', MINIMAL);
  expect(await runCli(['--config.file', good, '--config.check'])).toMatchObject({
    code: 0,
    stdout: `${good}: valid, 1 source\n`,
  });
  const bad = await write('bad.yml', `${MINIMAL}bogus: 1\nweb: { listen: [":1"] }\n`);
  const { code, stderr } = await runCli(['--config.file', bad, '--config.check']);
  expect(code).toBe(1);
  expect(stderr).toContain(`${bad}:3:1: MX_CONFIG_KEY`);
  expect(stderr).toContain(`${bad}:4:17: MX_CONFIG_ACCESS`);
  expect((await runCli(['--config.file', `${good}.none`, '--config.check'])).stderr).toContain('MX_CONFIG_READ');
});

test('another address than loopback needs a word on who may read', async () => {
  const config = await write('config.yml', MINIMAL);
  const { code, stderr } = await runCli(['--config.file', config, '--web.listen-address', ':0']);
  expect(code).toBe(1);
  expect(stderr).toContain('MX_CONFIG_ACCESS');
  expect(stderr).toContain('web.auth.metrics: none');
  expect(stderr).toContain('web.auth.token_file');
});

test('users in the file of a flag are such a word, and an empty flag is none', async () => {
  const config = await write('config.yml', `web: { listen: [":0"] }\n${MINIMAL}`);
  const hash = '$2y$10$tLEJZc1N.as7F1EaM/EK0O9TMe/sWPiN2tV2hChd3rR7uu/ZRdGLS';
  const users = await write('web.yml', `basic_auth_users: { alice: "${hash}" }\n`);
  const check = (file: string, more: readonly string[] = []) =>
    runCli(['--config.file', config, '--config.check', '--web.config.file', file, ...more]);
  expect((await check(users)).code).toBe(0);
  expect((await check(users, ['--web.listen-address', ':1'])).code).toBe(0);
  const nobody = await check(await write('nobody.yml', ''));
  expect(nobody.code).toBe(1);
  expect(nobody.stderr).toContain(`${config}:1:17: MX_CONFIG_ACCESS`);
  expect((await check('')).stderr).toContain('MX_CONFIG_ACCESS');
});

test('a path for the metrics that cannot be one is refused', async () => {
  const config = await write('config.yml', MINIMAL);
  for (const path of ['metrics', '/-/reload', '/a b']) {
    const { code, stderr } = await runCli(['--config.file', config, '--web.telemetry-path', path]);
    expect(code).toBe(1);
    expect(stderr).toContain('MX_CONFIG_VALUE: --web.telemetry-path');
  }
});

test('a secret that cannot be read stops the start, and is not guessed', async () => {
  const config = await write('config.yml', `${MINIMAL.trimEnd().slice(0, -2)}, secret_file: none }\n`);
  const { code, stderr } = await runCli(['--config.file', config]);
  expect(code).toBe(1);
  expect(stderr).toContain(`${config}:2:75: MX_SECRET_FILE: secret_file of the source sfu: the file does not exist.`);
});

test('--config.check refuses a secret that no header can carry, and does not show it', async () => {
  const odd = await write('odd', 'line break\u20ac\n');
  for (const given of ['secret: "line\\nbreak\u20ac"', `secret_file: ${odd}`, 'secret_env: ODD']) {
    const config = await write('config.yml', `${MINIMAL.trimEnd().slice(0, -2)}, ${given} }\n`);
    const { code, stdout, stderr } = await runCli(['--config.file', config, '--config.check'], { ODD: 'line\nbreak' });
    expect(code).toBe(1);
    expect(stderr).toMatch(/config\.yml:2:\d+: MX_SECRET_FORM: /);
    expect(stdout + stderr).not.toContain('break');
  }
});

test('--config.check finds a token of Plex that cannot be read or sent, with its place and without its value', async () => {
  const plex = (more: string): string => `sources:\n  - { name: home, type: plex, url: "http://h:32400", ${more} }\n`;
  for (const [given, code] of [
    ['token: "line break"', 'MX_SECRET_FORM'],
    ['token_env: NOT_THERE_break', 'MX_SECRET_ENV'],
    ['token_file: not-there-break', 'MX_SECRET_FILE'],
    ['token: abc, tls: { ca_file: not-there-break }', 'MX_TLS_AUTHORITIES'],
  ] as const) {
    const config = await write('config.yml', plex(given));
    const { code: exit, stdout, stderr } = await runCli(['--config.file', config, '--config.check']);
    expect(exit).toBe(1);
    expect(stderr).toMatch(new RegExp(`config\\.yml:2:\\d+: ${code}: `));
    expect(stdout + stderr).not.toContain('break');
  }
  const config = await write('config.yml', plex('token: abc'));
  expect((await runCli(['--config.file', config, '--config.check'])).code).toBe(0);
});

test('--config.check refuses a server without the token that it wants', async () => {
  for (const type of ['plex', 'jellyfin']) {
    const config = await write('config.yml', `sources:\n  - { name: home, type: ${type}, url: "http://h:1" }\n`);
    const { code, stderr } = await runCli(['--config.file', config, '--config.check']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/config\.yml:2:5: MX_CONFIG_MISSING: sources\[0\]\.token is missing: .*token_file/);
  }
});

test('a secret that was pasted in the place of its file or variable is not shown, but where it stands', async () => {
  const wrong = ['secret_file: hunter2leak', 'secret_env: hunter2leak', 'secret: *hunter2leak'];
  for (const given of wrong) {
    const config = await write('config.yml', `${MINIMAL.trimEnd().slice(0, -2)}, ${given} }\n`);
    const { code, stderr } = await runCli(['--config.file', config]);
    expect(code).toBe(1);
    expect(stderr).toContain(`${config}:2:`);
    expect(stderr).not.toContain('hunter2leak');
  }
});
