import { readFile, stat } from 'node:fs/promises';
import { isIP } from 'node:net';
import { Reader } from 'mmdb-lib';
import { ExporterError } from '../../../errors.ts';
import { explainFileError } from '../../../system-errors.ts';
import { type Place, parsePlace } from './place.ts';

/** MaxMind DB File Format 2.0, "Database Metadata": what begins it, and how much it is at most, at the end of the file. */
const METADATA = Buffer.from('\xab\xcd\xefMaxMind.com', 'latin1');
const METADATA_BYTES = 128 * 1024;
/** What stands between the search tree and the data. */
const SEPARATOR_BYTES = 16;

/** A database of places in MaxMind's format, held in memory. */
export class PlaceDatabase {
  readonly #file: string;
  #reader: Reader<never> | undefined;
  /** Of the file that was read last, and what was wrong with it. */
  #version: string | undefined;
  #problem: ExporterError | undefined;

  constructor(file: string) {
    this.#file = file;
  }

  /**
   * Reads the file where it is another one than before. What was read before stays when it fails.
   *
   * @throws ExporterError `MX_GEOIP_FILE`.
   */
  async refresh(): Promise<void> {
    const found = await stat(this.#file).catch((error: unknown) => {
      throw this.#fault(explainFileError(error), error);
    });
    if (!found.isFile()) throw this.#fault('is no file');
    const version = `${found.mtimeMs} ${found.size} ${found.ino}`;
    if (version === this.#version) {
      if (this.#problem !== undefined) throw this.#problem;
      return;
    }
    const bytes = await readFile(this.#file).catch((error: unknown) => {
      throw this.#fault(explainFileError(error), error);
    });
    this.#version = version;
    this.#problem = undefined;
    try {
      this.#reader = openReader(bytes);
    } catch (error) {
      this.#problem = this.#fault("is no database in MaxMind's format, or it is damaged", error);
      throw this.#problem;
    }
  }

  /** Where a bare address is; of what the database does not know, nothing is known. Total. */
  find(address: string): Place {
    const version = isIP(address);
    const reader = this.#reader;
    // In a tree of IPv4, an IPv6 address would be looked up by its first bits.
    if (reader === undefined || version === 0 || (version === 6 && reader.metadata.ipVersion === 4)) return {};
    try {
      return parsePlace(reader.get(address));
    } catch {
      return {};
    }
  }

  #fault(what: string, cause?: unknown): ExporterError {
    return new ExporterError(
      { code: 'MX_GEOIP_FILE', detail: `the database of places ${this.#file} ${what}` },
      { cause },
    );
  }
}

/** Throws for what is no database, and for one that is not whole. */
function openReader(bytes: Buffer): Reader<never> {
  if (!bytes.subarray(-METADATA_BYTES).includes(METADATA)) throw new Error('no metadata');
  const reader = new Reader<never>(bytes);
  const { nodeCount, searchTreeSize, ipVersion } = reader.metadata;
  const whole = nodeCount > 0 && searchTreeSize + SEPARATOR_BYTES < bytes.length;
  if (!whole || (ipVersion !== 4 && ipVersion !== 6)) throw new Error('damaged');
  return reader;
}
