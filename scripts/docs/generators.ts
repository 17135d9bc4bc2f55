import type { Generate } from './document.ts';
import { generate as metrics } from './metrics.ts';

/** Everything in `docs/` that nobody writes by hand. */
export const GENERATORS: readonly Generate[] = [metrics];
