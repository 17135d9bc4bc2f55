import type { ServerResponse } from 'node:http';
import type { Clock } from '@media-exporter/metrics';
import { type FaultHandle, Switchboard } from './switchboard.ts';
import { shuffleJson, type Twist, twistJson } from './twist.ts';

/** What a simulated server answers, before a fault gets at it. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export type HttpFault =
  /** An error status with an HTML page. `retryAfter` in seconds. */
  | { readonly kind: 'status'; readonly status: 401 | 403 | 404 | 429 | 500 | 502 | 503; readonly retryAfter?: number }
  /** 200 with an HTML page, as a proxy's login page is. */
  | { readonly kind: 'html' }
  /** The answer breaks off in the middle, and yet ends well as far as HTTP goes. */
  | { readonly kind: 'truncated' }
  /** The connection breaks in the middle of the body. */
  | { readonly kind: 'broken-off' }
  /** Well-formed JSON of so many MiB, streamed, without a Content-Length. */
  | { readonly kind: 'oversized'; readonly mebibytes: number }
  | { readonly kind: 'wrong-types'; readonly twist?: Twist }
  /** The elements of all lists come in another order. */
  | { readonly kind: 'shuffled' }
  /** The right answer after `ms` of the clock; never without. */
  | { readonly kind: 'slow'; readonly ms?: number }
  /** The connection is reset without an answer. */
  | { readonly kind: 'reset' }
  | { readonly kind: 'redirect'; readonly to: string };

export interface HttpFaultScope {
  /** The endpoint as the simulator names it, such as `/library/sections/{id}/all`. All of them unless told. */
  readonly endpoint?: string | RegExp;
  /** How many requests are hit. Without: until it is switched off. */
  readonly requests?: number;
}

/** The faults of a simulated HTTP server. */
export class HttpFaults {
  readonly #board = new Switchboard<HttpFault, string>();
  readonly #clock: Clock;
  readonly #random: () => number;
  #held = 0;

  constructor(clock: Clock, random: () => number) {
    this.#clock = clock;
    this.#random = random;
  }

  switchOn(fault: HttpFault, { endpoint, requests }: HttpFaultScope = {}): FaultHandle {
    const concerns = (target: string): boolean =>
      endpoint === undefined || (typeof endpoint === 'string' ? endpoint === target : endpoint.test(target));
    return this.#board.switchOn(fault, concerns, requests);
  }

  clear(): void {
    this.#board.clear();
  }

  /** How many requests wait for an answer that is slow on purpose. */
  get held(): number {
    return this.#held;
  }

  /** Sends the answer to a request for `endpoint`, or what a fault makes of it. `answer` is asked for when it is sent. */
  respond(endpoint: string, response: ServerResponse, answer: () => Answer): void {
    const fault = this.#board.strike(endpoint);
    switch (fault?.kind) {
      case 'broken-off':
        breakOff(response, answer());
        break;
      case 'oversized':
        stream(response, fault.mebibytes);
        break;
      case 'slow':
        this.#held += 1;
        response.once('close', () => {
          this.#held -= 1;
        });
        if (fault.ms !== undefined) this.#clock.after(fault.ms, () => send(response, answer()));
        break;
      case 'reset':
        response.socket?.resetAndDestroy();
        break;
      default:
        send(response, this.#tamper(fault, answer));
    }
  }

  #tamper(fault: TamperingFault | undefined, answer: () => Answer): Answer {
    switch (fault?.kind) {
      case undefined:
        return answer();
      case 'status':
        return statusPage(fault.status, fault.retryAfter);
      case 'html':
        return { status: 200, headers: HTML, body: '<!DOCTYPE html><html><body>Sign in</body></html>' };
      case 'truncated':
        return change(answer(), (body) => body.slice(0, Math.ceil(body.length / 2)));
      case 'wrong-types':
        return change(answer(), (body) => twistJson(body, fault.twist ?? 'leaves'));
      case 'shuffled':
        return change(answer(), (body) => shuffleJson(body, this.#random));
      case 'redirect':
        return { status: 302, headers: { ...HTML, location: fault.to }, body: '' };
    }
  }
}

/** Those after which there is still one whole answer. */
type TamperingFault = Exclude<HttpFault, { readonly kind: 'broken-off' | 'oversized' | 'slow' | 'reset' }>;

const HTML = { 'content-type': 'text/html' } as const;

const REASONS: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
};

/** A status with the short HTML page that goes with it. */
export function statusPage(status: number, retryAfter?: number): Answer {
  const reason = REASONS[status] ?? 'Error';
  const body = `<html><head><title>${reason}</title></head><body><h1>${status} ${reason}</h1></body></html>`;
  const headers = retryAfter === undefined ? HTML : { ...HTML, 'retry-after': String(retryAfter) };
  return { status, headers, body };
}

function send(response: ServerResponse, { status, headers, body }: Answer): void {
  if (response.destroyed) return;
  response.writeHead(status, { ...headers, 'content-length': String(Buffer.byteLength(body)) });
  response.end(body);
}

function change(answer: Answer, body: (body: string) => string): Answer {
  return { ...answer, body: body(answer.body) };
}

function breakOff(response: ServerResponse, { status, headers, body }: Answer): void {
  response.writeHead(status, { ...headers, 'content-length': String(Buffer.byteLength(body)) });
  response.write(body.slice(0, Math.ceil(body.length / 2)), () => response.socket?.destroy());
}

function stream(response: ServerResponse, mebibytes: number): void {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.write('{"MediaContainer":{"size":1,"Metadata":[{"title":"');
  const part = 'x'.repeat(65_536);
  let left = mebibytes * 16;
  const write = (): void => {
    while (left > 0 && !response.destroyed) {
      left -= 1;
      if (!response.write(part)) {
        response.once('drain', write);
        return;
      }
    }
    response.end('"}]}}');
  };
  write();
}
