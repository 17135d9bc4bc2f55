import { X509Certificate } from 'node:crypto';
import { ExporterError } from '../errors.ts';
import { explainFileError } from '../system-errors.ts';
import type { SecretPlaces } from './secrets.ts';

/**
 * The certificates of authorities that a source trusts, as PEM text.
 *
 * @throws ExporterError `MX_TLS_AUTHORITIES`.
 */
export async function readAuthorities(file: string, source: string, places: SecretPlaces): Promise<string> {
  const fault = (detail: string, cause: unknown): ExporterError =>
    new ExporterError(
      { code: 'MX_TLS_AUTHORITIES', detail: `tls.ca_file of the source ${source}: ${detail}` },
      { cause },
    );
  const text = await places.readFile(file).catch((error: unknown) => {
    throw fault(`the file ${explainFileError(error)}`, error);
  });
  try {
    new X509Certificate(text);
  } catch (error) {
    throw fault('there is no certificate in the file', error);
  }
  return text;
}
