import { Secret } from '../config/secrets.ts';
import type { StateScope } from './store.ts';

const KEY = 'pseudonyms';

/** As short as one in the configuration may be. */
const LENGTH = 16;

/**
 * The key that an earlier start has kept; else `fresh`, which is kept from now on. With it the pseudonyms of one start mean
 * the same in the next, and so does what was counted under them.
 */
export async function keepPseudonymKey(scope: StateScope, fresh: Secret): Promise<Secret> {
  const kept = (await scope.load()).get(KEY);
  if (typeof kept === 'string' && kept.length >= LENGTH) return new Secret(kept);
  scope.put(KEY, fresh.reveal());
  return fresh;
}
