import { generate as exporter } from '../../packages/exporter/src/documents.ts';
import type { Generate } from './document.ts';
import { generate as libraryErrors } from './library-errors.ts';
import { generate as metrics } from './metrics.ts';
import { generate as stateSchema } from './state-schema.ts';

/** Everything in `docs/` that nobody writes by hand. */
export const GENERATORS: readonly Generate[] = [metrics, exporter, libraryErrors, stateSchema];
