import type { TlsSettings } from '../../config/sources/common.ts';
import type { TlsOptions } from './http.ts';

/** What a configuration says of certificates, with the authorities that were read for it. */
export function tlsOptions(settings: TlsSettings, ca: string | undefined): TlsOptions {
  const { servername, insecure_skip_verify: insecure } = settings;
  return { insecure, ...(servername === undefined ? {} : { servername }), ...(ca === undefined ? {} : { ca }) };
}
