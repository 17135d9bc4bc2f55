import { isIP } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { requiresClients, verifiesClients } from '../config/web-file/rules.ts';
import type { TlsSettings } from '../config/web-file/tls.ts';

/** The part of a certificate that is looked at. */
export interface ClientCertificate {
  /** The alternative names, as Node.js writes them. */
  readonly subjectAltName: string | undefined;
  checkIP(ip: string): string | undefined;
}

type Wanted = Pick<TlsSettings, 'clientAuth' | 'allowedSans'>;

/** Whether clients are asked for a certificate. */
export function asksForCertificate({ clientAuth }: Wanted): boolean {
  return clientAuth !== 'NoClientCert';
}

/** Whether a client that has shaken hands may speak. */
export function admits(wanted: Wanted, socket: Pick<TLSSocket, 'authorized' | 'getPeerX509Certificate'>): boolean {
  const { clientAuth, allowedSans } = wanted;
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) return !requiresClients(clientAuth);
  if (verifiesClients(clientAuth) && !socket.authorized) return false;
  return allowedSans === undefined || hasName(certificate, allowedSans);
}

/** Whether a certificate has one of the names: DNS, e-mail and URI as they are written, addresses in any form. */
export function hasName(certificate: ClientCertificate, names: readonly string[]): boolean {
  const known = new Set(alternativeNames(certificate.subjectAltName ?? ''));
  return names.some((name) => (isIP(name) === 0 ? known.has(name) : certificate.checkIP(name) !== undefined));
}

const ALTERNATIVE = /(?:^|, )([^:,"]+):(?:("(?:[^"\\]|\\.)*")|([^,"]*))(?=, |$)/gy;

/** The names in `DNS:a, URI:"b\u002cc"`: where Node.js writes one as JSON, no other can hide in it. */
function alternativeNames(text: string): string[] {
  return [...text.matchAll(ALTERNATIVE)].flatMap(([, type = '', quoted, plain = '']) =>
    ['DNS', 'URI', 'email'].includes(type) ? [quoted === undefined ? plain : String(JSON.parse(quoted))] : [],
  );
}
