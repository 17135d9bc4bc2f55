import { describe, expect, test } from 'vitest';
import { iso, MINUTE, open, T0 } from '../testing/answering.testing.ts';
import { create } from './users.ts';

describe('the accounts', () => {
  test('are counted by what they may do, and those that are shown alike are one', async () => {
    const { collector, read } = open(create, () => [
      { Id: 'a1', Name: 'ann', LastActivityDate: iso(T0), Policy: { IsAdministrator: true, IsDisabled: false } },
      { Id: 'b2', Name: 'bob', LastActivityDate: '0001-01-01T00:00:00.0000000Z', Policy: { IsDisabled: true } },
      { Id: 'c3', Name: 'ann', LastActivityDate: iso(T0 + MINUTE) },
      'not a user',
    ]);
    await collector.run();
    expect(read('jellyfin_users_total')).toEqual({ '': 3 });
    expect(read('jellyfin_users')).toEqual({ 'true,true': 0, 'true,false': 1, 'false,true': 1, 'false,false': 1 });
    expect(read('jellyfin_user_last_activity_timestamp_seconds')).toEqual({ ann: (T0 + MINUTE) / 1000 });
  });
});
