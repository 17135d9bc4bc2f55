import { createHash, timingSafeEqual } from 'node:crypto';

export interface Refusal {
  readonly status: 400 | 401;
  /** The value of `WWW-Authenticate`. */
  readonly challenge: string;
  readonly reason: string;
}

const REALM = 'Bearer realm="mediasoup"';

/** Makes the check of the `Authorization` header; undefined is a welcome. RFC 6750 §3 tells what to answer otherwise. */
export function guard(secret: string | undefined): (authorization: string | undefined) => Refusal | undefined {
  if (secret === undefined) return () => undefined;
  const wanted = digest(secret);
  return (authorization) => {
    if (authorization === undefined) {
      return { status: 401, challenge: REALM, reason: 'This needs the secret as a bearer token.' };
    }
    // RFC 6750 §2.1; the scheme is case-insensitive, RFC 9110 §11.1.
    const token = /^Bearer +([A-Za-z0-9._~+/-]+=*)$/i.exec(authorization)?.[1];
    if (token === undefined) {
      const challenge = `${REALM}, error="invalid_request"`;
      return { status: 400, challenge, reason: 'The Authorization header is no bearer token.' };
    }
    // Digests have one length, so the comparison takes the same time whatever was sent.
    if (timingSafeEqual(digest(token), wanted)) return undefined;
    return { status: 401, challenge: `${REALM}, error="invalid_token"`, reason: 'The bearer token is not the secret.' };
  };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
