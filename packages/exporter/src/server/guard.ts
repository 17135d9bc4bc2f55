import type { IncomingMessage, ServerResponse } from 'node:http';
import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '@media-exporter/metrics';
import type { Secret } from '../config/secrets.ts';
import type { WebFile } from '../config/web-file/read.ts';
import { checkToken } from './access.ts';
import type { Encrypt } from './listener.ts';
import { Passwords } from './passwords.ts';
import { TokenBucket } from './rate-limit.ts';
import { respond } from './respond.ts';
import type { Guarding } from './routes.ts';
import { encryptWith } from './tls.ts';

export interface GuardOptions {
  readonly file: WebFile;
  /** The bearer token of the metrics, which does as well as a password. */
  readonly token: Secret | undefined;
  readonly clock: Clock;
  /** The guard of before a reload: what it has learned is kept. */
  readonly before?: Guard | undefined;
}

// RFC 7617 section 2: the realm is required, and the charset tells clients to send UTF-8.
const BASIC = 'Basic realm="media-exporter", charset="UTF-8"';
const BEARER = 'Bearer realm="media-exporter"';

/** Stands before the routes, and lets requests pass as the web configuration file says. */
export class Guard implements Guarding {
  /** How connections are encrypted; the same function as before where nothing of it has changed. */
  readonly encrypt: Encrypt | undefined;
  readonly #file: WebFile;
  readonly #token: Secret | undefined;
  readonly #passwords: Passwords;
  readonly #bucket: TokenBucket | undefined;

  constructor({ file, token, clock, before }: GuardOptions) {
    const { tls, rateLimit } = file;
    this.#file = file;
    this.#token = token;
    this.#passwords = before === undefined ? new Passwords(clock) : before.#passwords;
    this.#bucket = rateLimit === undefined ? undefined : new TokenBucket(rateLimit, clock);
    const same = before !== undefined && isDeepStrictEqual(tls, before.#file.tls);
    this.encrypt = same ? before.encrypt : tls === undefined ? undefined : encryptWith(tls);
  }

  get knowsUsers(): boolean {
    return this.#file.users.size > 0;
  }

  async handle(
    request: IncomingMessage,
    response: ServerResponse,
    next: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
  ): Promise<void> {
    if (this.#bucket?.take() === false) return respond(response, 429, 'There are too many requests.');
    response.setHeaders(new Map(this.#file.headers));
    const answer = await this.#check(request.headers.authorization);
    if (response.destroyed) return;
    if (answer === 'right') return next(request, response);
    if (answer === 'busy') return respond(response, 503, 'Too many passwords are being checked.');
    response.setHeader('www-authenticate', this.#token === undefined ? BASIC : [BASIC, BEARER]);
    respond(response, 401, 'A name and a password are needed, and they must be right.');
  }

  async #check(header: string | undefined): Promise<'right' | 'wrong' | 'busy'> {
    const { users } = this.#file;
    if (users.size === 0) return 'right';
    if (this.#token !== undefined && checkToken(header, this.#token).allowed) return 'right';
    const credentials = parseBasic(header);
    return credentials === undefined ? 'wrong' : this.#passwords.check(users, ...credentials);
  }
}

/** The name and the password of an `Authorization` header (RFC 7617 section 2), whose scheme has no case (RFC 9110, 11.1). */
function parseBasic(header: string | undefined): [name: string, password: string] | undefined {
  const [, encoded] = /^basic +([A-Za-z0-9+/]+=*) *$/i.exec(header ?? '') ?? [];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString();
  const colon = text.indexOf(':');
  return colon < 0 ? undefined : [text.slice(0, colon), text.slice(colon + 1)];
}
