import type { JellyfinClient } from '../client.ts';
import { ENDPOINTS } from '../endpoints.ts';
import { parseLogs } from '../parse/logs.ts';
import type { LogList } from './list.ts';

/** Where logs are read: both of its methods reject with an ExporterError when they cannot be. */
export interface Logs {
  /** The newest first. */
  list(): Promise<LogList>;
  /** Hands the bytes of a log on as they come. */
  read(name: string, onChunk: (chunk: Uint8Array) => void): Promise<void>;
}

/** The logs as the API shows them: a log is always sent whole. */
export class ApiLogs implements Logs {
  readonly #client: JellyfinClient;
  readonly #now: () => number;

  /** @param now the server's time where it does not tell it. */
  constructor(client: JellyfinClient, now: () => number) {
    this.#client = client;
    this.#now = now;
  }

  async list(): Promise<LogList> {
    const { value, date } = await this.#client.json(ENDPOINTS.logs, parseLogs);
    return { files: value, at: date ?? this.#now() };
  }

  async read(name: string, onChunk: (chunk: Uint8Array) => void): Promise<void> {
    const consume = async (body: AsyncIterable<Uint8Array>): Promise<void> => {
      for await (const chunk of body) onChunk(chunk);
    };
    await this.#client.chunks(ENDPOINTS.log, consume, { query: `?name=${encodeURIComponent(name)}` });
  }
}
