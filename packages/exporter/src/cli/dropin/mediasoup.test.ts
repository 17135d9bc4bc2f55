import { describe, expect, test } from 'vitest';
import { type DropInFlags, dropInConfig } from './mediasoup.ts';

const FLAGS: DropInFlags = {
  url: 'unix:/run/sfu.sock',
  secretFile: undefined,
  aggregated: false,
  prefix: undefined,
  overrides: {},
  log: { level: 'info', format: 'logfmt' },
};

describe('the drop-in mode', () => {
  test('is as open as the original, on its port, with its six metrics in clear', () => {
    const { web, privacy, sources } = dropInConfig(FLAGS, {});
    expect(web).toMatchObject({ listen: [':8889'], telemetry_path: '/metrics', auth: { metrics: 'none' } });
    expect(privacy).toEqual({ users: 'clear', titles: 'clear', addresses: 'clear' });
    expect(sources).toMatchObject([
      { type: 'mediasoup', url: 'unix:/run/sfu.sock', sets: ['seed'], prefix: 'Ejtimaa_', quiet: false },
    ]);
  });

  test('takes port, pseudonyms and quiet from the environment', () => {
    const env = { PROM_PORT: '9000', PROM_DEIDENTIFY: '1', PROM_QUIET: 'yes', PROM_NUMERIC: '1' };
    const { web, privacy, sources } = dropInConfig(FLAGS, env);
    expect(web.listen).toEqual([':9000']);
    expect(privacy).toEqual({ users: 'pseudonym', titles: 'clear', addresses: 'pseudonym' });
    expect(sources[0]).toMatchObject({ quiet: true });
  });

  test('takes a variable that is empty as not set', () => {
    const { privacy, sources } = dropInConfig(FLAGS, { PROM_DEIDENTIFY: '', PROM_QUIET: '' });
    expect(privacy.users).toBe('clear');
    expect(sources[0]).toMatchObject({ quiet: false });
  });

  test('prefers flags to the environment', () => {
    const overrides = { listen: ['127.0.0.1:1', '[::1]:2'], telemetryPath: '/m' };
    const flags = { ...FLAGS, aggregated: true, prefix: 'edumeet_', secretFile: '/s', overrides };
    const { web, sources } = dropInConfig(flags, { PROM_PORT: '9000' });
    expect(web).toMatchObject({ listen: ['127.0.0.1:1', '[::1]:2'], telemetry_path: '/m' });
    expect(sources[0]).toMatchObject({ sets: ['seed', 'aggregated'], prefix: 'edumeet_', secret_file: '/s' });
  });

  test('tells all that is wrong at once', () => {
    expect(() => dropInConfig({ ...FLAGS, url: undefined }, { PROM_PORT: 'x' })).toThrow(
      /--mediasoup\.url[\s\S]*PROM_PORT/,
    );
  });
});
