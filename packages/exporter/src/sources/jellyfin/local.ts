import { ExporterError } from '../../errors.ts';
import { explainFileError } from '../../system-errors.ts';

/** Something of the server on this machine cannot be read. Says what it is, never its path. */
export class LocalError extends ExporterError {
  constructor(what: string, cause: unknown) {
    super({ code: 'MX_LOCAL_READ', detail: `${what} ${explainFileError(cause)}` }, { cause });
  }
}
