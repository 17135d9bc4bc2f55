import { expect, test } from 'vitest';
import { openSimulated } from '../testing/simulated.testing.ts';

test.each([20, 30, 45])('plays of a client that reports each %i s are counted to their ends', async (seconds) => {
  const { server, turn, read, close } = await openSimulated({ version: '12.0' });
  try {
    await turn(20);
    for (let index = 0; index < 10; index += 1) {
      const item = server.item('Shows', index);
      const play = server.play({ user: 'jonas', device: 'B', item, reportEveryMs: seconds * 1_000 });
      await turn(149 + 3 * index);
      play.stop();
      await turn(61 + index);
    }
    const { jonas: truth = 0 } = server.truth.totals.watchSeconds;
    expect(read('jellyfin_user_watch_time_seconds').jonas).toBeCloseTo(truth, 0);
  } finally {
    await close();
  }
});
