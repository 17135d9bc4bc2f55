import { createServer, type IncomingMessage, type Server, ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { brotliCompressSync, gzipSync } from 'node:zlib';

type Head = Record<string, string | number | readonly string[]>;

/** Compresses an answer that is written in one piece, where the client takes it: br before gzip, as the server does. */
class CompressedResponse extends ServerResponse {
  #held: { readonly status: number; readonly head: Head } | undefined;

  override writeHead(status: number, ...rest: unknown[]): this {
    const head = (rest.findLast((value) => typeof value === 'object') ?? {}) as Head;
    const coding = codingOf(String(this.req.headers['accept-encoding'] ?? ''));
    const whole = Number(head['content-length'] ?? 0) > 0;
    if (coding === undefined || !whole) return super.writeHead(status, head as Record<string, string>);
    this.#held = { status, head: { ...head, 'content-encoding': coding, vary: 'Accept-Encoding' } };
    return this;
  }

  override write(chunk: unknown, ...rest: never[]): boolean {
    if (this.#held !== undefined) {
      // Written in pieces it stays as it is.
      const { 'content-encoding': _, ...head } = this.#held.head;
      super.writeHead(this.#held.status, head as Record<string, string>);
      this.#held = undefined;
    }
    return super.write(chunk, ...rest);
  }

  override end(...args: unknown[]): this {
    const held = this.#held;
    this.#held = undefined;
    if (held === undefined) return super.end(...(args as []));
    const body = Buffer.from(args[0] as string);
    const packed =
      held.head['content-encoding'] === 'br' ? brotliCompressSync(body, BROTLI) : gzipSync(body, { level: 1 });
    super.writeHead(held.status, { ...held.head, 'content-length': packed.length } as Record<string, number>);
    return super.end(packed);
  }
}

const BROTLI = { params: { 1: 1 } } as const; // BROTLI_PARAM_QUALITY: the fastest

function codingOf(accepted: string): 'br' | 'gzip' | undefined {
  if (/\bbr\b/.test(accepted)) return 'br';
  return /\bgzip\b/.test(accepted) ? 'gzip' : undefined;
}

export interface PortHandlers {
  request(request: IncomingMessage, response: ServerResponse): void;
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  connection(): void;
}

/**
 * A port of loopback that can be closed and opened again: while it is closed, connections are refused as they are
 * where no process listens.
 */
export class Port {
  readonly #handlers: PortHandlers;
  readonly #tls: { readonly key: string; readonly cert: string } | undefined;
  #server: Server | undefined;
  #wanted = false;
  #number = 0;
  #changing: Promise<void> = Promise.resolve();

  constructor(handlers: PortHandlers, tls?: { readonly key: string; readonly cert: string }) {
    this.#handlers = handlers;
    this.#tls = tls;
  }

  get number(): number {
    return this.#number;
  }

  /** When what was asked for last has come to be. */
  get settled(): Promise<void> {
    return this.#changing;
  }

  /** Listens; on the same port as before, after the first time. */
  open(port: number = this.#number): Promise<void> {
    this.#wanted = true;
    if (this.#server !== undefined) return this.#changing; // it listens, or is about to
    const server = this.#create();
    this.#server = server;
    this.#changing = new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', () => {
        this.#number = (server.address() as AddressInfo).port;
        resolve(this.#wanted ? undefined : this.close()); // it was closed before it was open
      });
    });
    return this.#changing;
  }

  /** Refuses connections from now on, and cuts those that stand. */
  close(): Promise<void> {
    this.#wanted = false;
    const server = this.#server;
    if (server?.listening !== true) return this.#changing;
    this.#server = undefined;
    this.#changing = new Promise((resolve) => {
      server.close(() => resolve());
    });
    server.closeAllConnections();
    return this.#changing;
  }

  #create(): Server {
    const options = { ServerResponse: CompressedResponse };
    const listener = (request: IncomingMessage, response: ServerResponse): void =>
      this.#handlers.request(request, response);
    // Their types differ in nothing that is used here.
    const server = (
      this.#tls === undefined
        ? createServer(options, listener)
        : createTlsServer({ ...options, ...this.#tls }, listener)
    ) as Server;
    server.on(this.#tls === undefined ? 'connection' : 'secureConnection', () => this.#handlers.connection());
    server.on('upgrade', (request, socket, head) => this.#handlers.upgrade(request, socket, head));
    return server;
  }
}
