import type { SourceConfig } from '../config/schema.ts';

/** A media server that is built in. */
export interface DemoServer {
  /** How the exporter reads it. */
  readonly source: SourceConfig;
  /** What a person wants to know of it, line by line. */
  readonly describe: readonly string[];
  /** Ends everything that was started. */
  close(): Promise<void>;
}
