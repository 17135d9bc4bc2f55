import fc from 'fast-check';
import { expect, test } from 'vitest';
import { followEvening } from './testing/follow-evening.testing.ts';
import { disagreements } from './testing/judge-evening.testing.ts';
import { RANDOM_EVENING } from './testing/random-evening.testing.ts';

/** How many are played, where it is asked for: of other seeds each time unless one is told. */
const { JELLYFIN_EVENINGS: asked, JELLYFIN_EVENINGS_SEED: seed, JELLYFIN_EVENINGS_PATH: path } = process.env;
/** So many take some seconds. */
const EVENINGS = 10;
const SEED = 20_261_121;
/** Ends what hangs. */
const EACH_MS = 60_000;

const numRuns = Number(asked ?? EVENINGS);

test(
  'a random evening ends with the truth, as far as it can be known at the polls',
  async () => {
    await fc.assert(
      fc.asyncProperty(RANDOM_EVENING, async (evening) => {
        expect(disagreements(await followEvening(evening))).toEqual([]);
      }),
      {
        numRuns,
        // Whole evenings shrink slowly: one that is played again may.
        endOnFailure: path === undefined,
        ...(seed !== undefined ? { seed: Number(seed) } : asked === undefined && { seed: SEED }),
        ...(path !== undefined && { path }),
      },
    );
  },
  numRuns * EACH_MS,
);
