import type { IncomingMessage } from 'node:http';
import { isLoopback } from '../config/address.ts';
import type { Secret } from '../config/secrets.ts';

/** Whether a request may pass, and if not, how to say so (RFC 6750 section 3). */
export type Verdict =
  | { readonly allowed: true }
  | { readonly allowed: false; readonly status: 400 | 401 | 403; readonly challenge?: string; readonly reason: string };

const ALLOWED: Verdict = { allowed: true };
const REALM = 'Bearer realm="media-exporter"';

/** Judges the `Authorization` header against the token. */
export function checkToken(header: string | undefined, token: Secret): Verdict {
  if (header === undefined) {
    return { allowed: false, status: 401, challenge: REALM, reason: 'A bearer token is needed.' };
  }
  // RFC 9110 section 11.1: the scheme is case-insensitive. RFC 6750 section 2.1: one space, then a b64token.
  const match = /^bearer ([A-Za-z0-9._~+/-]+=*)$/i.exec(header.trim());
  if (match === null) {
    const challenge = `${REALM}, error="invalid_request"`;
    return { allowed: false, status: 400, challenge, reason: 'The Authorization header is not a bearer token.' };
  }
  if (!token.equals(match[1] ?? '')) {
    const challenge = `${REALM}, error="invalid_token"`;
    return { allowed: false, status: 401, challenge, reason: 'The bearer token is not the right one.' };
  }
  return ALLOWED;
}

/** May it read the metrics? Yes when they are open, else with the token. */
export function checkMetrics(request: IncomingMessage, open: boolean, token: Secret | undefined): Verdict {
  if (open) return ALLOWED;
  if (token === undefined)
    return { allowed: false, status: 403, reason: 'The metrics are not open, and there is no token.' };
  return checkToken(request.headers.authorization, token);
}

/** May it reload the configuration? Yes from this machine itself, or with a password that was right, else with the token. */
export function checkReload(request: IncomingMessage, token: Secret | undefined, isKnown = false): Verdict {
  if (isFromHere(request) || (isKnown && !isFromAnotherSite(request))) return ALLOWED;
  if (token === undefined) {
    return { allowed: false, status: 403, reason: 'Reloads are allowed from this machine only, or with a token.' };
  }
  return checkToken(request.headers.authorization, token);
}

/** A request by a program on this machine: not one that a proxy passed on, nor one that a page of another site caused. */
function isFromHere(request: IncomingMessage): boolean {
  const { headers, socket } = request;
  const proxied = headers['x-forwarded-for'] ?? headers.forwarded ?? headers.via;
  return isLoopback(socket.remoteAddress) && proxied === undefined && !isFromAnotherSite(request);
}

/** A request that a page of another site made a browser send, which adds what it knows of passwords. */
function isFromAnotherSite({ headers }: IncomingMessage): boolean {
  const site = headers['sec-fetch-site'];
  return headers.origin !== undefined || (site !== undefined && site !== 'same-origin' && site !== 'none');
}
