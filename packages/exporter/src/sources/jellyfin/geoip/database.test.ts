import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { describeProblem, ExporterError } from '../../../errors.ts';
import { writeMmdb } from '../testing/mmdb.testing.ts';
import { PlaceDatabase } from './database.ts';

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'media-exporter-geoip-'));
  file = join(folder, 'places.mmdb');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const OSLO = {
  country: { iso_code: 'NO', names: { en: 'Norway' } },
  city: { names: { de: 'Oslo (Stadt)', en: 'Oslo' } },
  location: { latitude: 59.9127, longitude: 10.7461, accuracy_radius: 20 },
};
const LIMA = {
  country: { iso_code: 'PE' },
  city: { names: { en: 'Lima' } },
  location: { latitude: -12.0432, longitude: -77.0282 },
};
const PLACES = { '203.0.113.0/24': OSLO, '2001:db8:7::/48': LIMA };

async function read(bytes: Buffer): Promise<PlaceDatabase> {
  writeFileSync(file, bytes);
  const database = new PlaceDatabase(file);
  await database.refresh();
  return database;
}

const problemOf = (database: PlaceDatabase): Promise<string> =>
  database.refresh().then(
    () => 'none',
    (error: unknown) => (error instanceof ExporterError ? describeProblem(error.problems[0] as never) : String(error)),
  );

describe('a database of places', () => {
  test.each([24, 28, 32] as const)('with records of %s bits knows addresses of both kinds', async (recordSize) => {
    const database = await read(writeMmdb(PLACES, { recordSize }));
    expect(database.find('203.0.113.255')).toEqual({
      country: 'NO',
      city: 'Oslo',
      coordinates: { latitude: 59.9127, longitude: 10.7461 },
    });
    expect(database.find('2001:db8:7::7')).toMatchObject({ country: 'PE', city: 'Lima' });
    for (const unknown of ['203.0.114.1', '2001:db8:8::7', '0.0.0.0', '::', 'somewhere', '']) {
      expect(database.find(unknown), unknown).toEqual({});
    }
  });

  test('of IPv4 alone knows no IPv6 address', async () => {
    const database = await read(writeMmdb({ '32.0.0.0/3': OSLO }, { ipVersion: 4 }));
    expect(database.find('32.1.2.3').city).toBe('Oslo');
    // Its first bits are those of 32.1.13.184.
    expect(database.find('2001:db8::1')).toEqual({});
  });

  test('may know the country alone, and coordinates only whole', async () => {
    const database = await read(
      writeMmdb({
        '198.51.100.0/25': { country: { iso_code: 'NO' }, location: { latitude: 62 } },
        '198.51.100.128/25': { city: 'Oslo', location: { latitude: 162, longitude: 10 } },
      }),
    );
    expect(database.find('198.51.100.1')).toEqual({ country: 'NO' });
    expect(database.find('198.51.100.200')).toEqual({});
  });

  test('is read again when its file is another one', async () => {
    const database = await read(writeMmdb(PLACES));
    writeFileSync(file, writeMmdb({ '203.0.113.0/24': LIMA }));
    utimesSync(file, 1, 1);
    await database.refresh();
    expect(database.find('203.0.113.1').city).toBe('Lima');
  });

  test('stays as it was when what comes after it is none', async () => {
    const database = await read(writeMmdb(PLACES));
    writeFileSync(file, 'no database');
    expect(await problemOf(database)).toContain('MX_GEOIP_FILE');
    expect(database.find('203.0.113.1').city).toBe('Oslo');
  });
});

describe('a file that is no database of places', () => {
  test.each<[string, (whole: Buffer) => Buffer]>([
    ['empty', () => Buffer.alloc(0)],
    ['a text', () => Buffer.from('country,city\n')],
    ['cut off', (whole) => whole.subarray(0, whole.length / 2)],
    ['without its beginning', (whole) => whole.subarray(whole.length - 200)],
    ['nothing after the mark of its metadata', () => Buffer.from('\xab\xcd\xefMaxMind.com', 'latin1')],
  ])('is told of with its path when it is %s', async (_, damage) => {
    writeFileSync(file, damage(writeMmdb(PLACES)));
    const database = new PlaceDatabase(file);
    const problem = await problemOf(database);
    expect(problem).toContain(`MX_GEOIP_FILE: the database of places ${file} is no database in MaxMind's format`);
    // It is not read again, and still told of.
    expect(await problemOf(database)).toBe(problem);
    expect(database.find('203.0.113.1')).toEqual({});
  });

  test.each([
    ['does not exist', () => {}],
    ['is no file', () => mkdirSync(file)],
  ])('%s', async (what, make) => {
    make();
    expect(await problemOf(new PlaceDatabase(file))).toContain(`the database of places ${file} ${what}`);
  });

  test('is read once it is there', async () => {
    const database = new PlaceDatabase(file);
    expect(await problemOf(database)).toContain('does not exist');
    writeFileSync(file, writeMmdb(PLACES));
    expect(await problemOf(database)).toBe('none');
    expect(database.find('203.0.113.1').country).toBe('NO');
  });
});
