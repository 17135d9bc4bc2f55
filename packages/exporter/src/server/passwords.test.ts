import { ManualClock } from '@media-exporter/metrics/testing';
import { hashSync } from 'bcryptjs';
import { expect, test } from 'vitest';
import { Secret } from '../config/secrets.ts';
import { type Compare, Passwords, type Users } from './passwords.ts';

const users = (entries: Record<string, string>): Users =>
  new Map(Object.entries(entries).map(([name, hash]) => [name, new Secret(hash)]));

const ALICE = users({ alice: 'hash of right' });

/** Passwords whose check takes no time, with the hashes that were compared. */
function set(compare: Compare = async (password, hash) => hash === `hash of ${password}`) {
  const clock = new ManualClock();
  const compared: string[] = [];
  const passwords = new Passwords(clock, (password, hash) => {
    compared.push(`${password}/${hash}`);
    return compare(password, hash);
  });
  return { clock, compared, passwords };
}

/** Lets what is ready happen. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('a password is checked once, whether it is right or wrong', async () => {
  const { passwords, compared, clock } = set();
  for (let scrape = 0; scrape < 3; scrape += 1) {
    expect(await passwords.check(ALICE, 'alice', 'right')).toBe('right');
    expect(await passwords.check(ALICE, 'alice', 'wrong')).toBe('wrong');
  }
  expect(compared).toEqual(['right/hash of right', 'wrong/hash of right']);
  clock.advance(500);
});

test('several scrapers that come at once with one password cost one check', async () => {
  const { passwords, compared } = set();
  const asked = [1, 2, 3].map(() => passwords.check(ALICE, 'alice', 'right'));
  expect(await Promise.all(asked)).toEqual(['right', 'right', 'right']);
  expect(compared).toHaveLength(1);
});

test('a user who does not exist costs a check too, and is refused even with the password of another', async () => {
  const { passwords, compared } = set();
  expect(await passwords.check(ALICE, 'bob', 'right')).toBe('wrong');
  expect(compared).toEqual(['right/hash of right']);
});

test('another hash means another password, and a user who is removed is refused', async () => {
  const { passwords, clock } = set();
  expect(await passwords.check(ALICE, 'alice', 'right')).toBe('right');
  const changed = users({ alice: 'hash of new' });
  expect(await passwords.check(changed, 'alice', 'right')).toBe('wrong');
  clock.advance(500);
  expect(await passwords.check(users({ bob: 'hash of right' }), 'alice', 'right')).toBe('wrong');
});

test('a user who was refused may come once there is one of that name, even with the hash of another', async () => {
  const { passwords, clock } = set();
  expect(await passwords.check(ALICE, 'bob', 'right')).toBe('wrong');
  clock.advance(500);
  expect(await passwords.check(users({ bob: 'hash of right' }), 'bob', 'right')).toBe('right');
});

test('after a wrong password the next check rests, and what is known does not wait', async () => {
  const { passwords, compared, clock } = set();
  await passwords.check(ALICE, 'alice', 'right');
  expect(await passwords.check(ALICE, 'alice', 'first')).toBe('wrong');
  const second = passwords.check(ALICE, 'alice', 'second');
  expect(await passwords.check(ALICE, 'alice', 'right')).toBe('right');
  await settle();
  expect(compared).toHaveLength(2);
  clock.advance(500);
  expect(await second).toBe('wrong');
});

test('a flood of wrong passwords neither drives out a right one nor waits without end', async () => {
  const { passwords, clock } = set();
  await passwords.check(ALICE, 'alice', 'right');
  const flood = Array.from({ length: 300 }, (_, index) => passwords.check(ALICE, 'alice', `guess ${index}`));
  expect(await Promise.all(flood.slice(10))).toEqual(Array(290).fill('busy'));
  for (let turn = 0; turn < 10; turn += 1) {
    await settle();
    clock.advance(500);
  }
  expect(await Promise.all(flood.slice(0, 10))).toEqual(Array(10).fill('wrong'));
  expect(await passwords.check(ALICE, 'alice', 'right')).toBe('right');
});

test('guesses under names that do not exist keep no user waiting for ever', async () => {
  const { passwords, clock } = set();
  const flood = Array.from({ length: 300 }, (_, index) => passwords.check(ALICE, `nobody ${index}`, 'guess'));
  const right = passwords.check(ALICE, 'alice', 'right');
  expect(await Promise.all(flood.slice(2))).toEqual(Array(298).fill('busy'));
  for (let turn = 0; turn < 2; turn += 1) {
    await settle();
    clock.advance(500);
  }
  expect(await right).toBe('right');
});

test('after a wrong password whose check took long, the rest is nine times as long', async () => {
  const { passwords, compared, clock } = set(async () => {
    clock.advance(1_000);
    return false;
  });
  expect(await passwords.check(ALICE, 'alice', 'first')).toBe('wrong');
  const second = passwords.check(ALICE, 'alice', 'second');
  clock.advance(8_999);
  await settle();
  expect(compared).toHaveLength(1);
  clock.advance(1);
  expect(await second).toBe('wrong');
});

test('wrong passwords are forgotten, the oldest first', async () => {
  const { passwords, compared, clock } = set();
  for (let index = 0; index <= 100; index += 1) {
    const answer = passwords.check(ALICE, 'alice', `guess ${index}`);
    await settle();
    clock.advance(500);
    await answer;
  }
  expect(compared).toHaveLength(101);
  await passwords.check(ALICE, 'alice', 'guess 100');
  expect(compared).toHaveLength(101);
  clock.advance(500);
  await passwords.check(ALICE, 'alice', 'guess 0');
  expect(compared).toHaveLength(102);
});

test('a check that fails is an error, and the next one goes on', async () => {
  let broken = true;
  const { passwords } = set(async () => {
    if (broken) throw new Error('broken');
    return true;
  });
  await expect(passwords.check(ALICE, 'alice', 'right')).rejects.toThrow('broken');
  broken = false;
  expect(await passwords.check(ALICE, 'alice', 'right')).toBe('right');
});

test('hashes are those of bcrypt, in each of its forms', async () => {
  const hash = hashSync('p\u00e4ssword: 1', 4);
  for (const form of ['$2a$', '$2b$', '$2y$']) {
    const passwords = new Passwords(new ManualClock());
    const known = users({ alice: hash.replace('$2b$', form) });
    expect(await passwords.check(known, 'alice', 'p\u00e4ssword: 1'), form).toBe('right');
    expect(await passwords.check(known, 'alice', 'password: 1'), form).toBe('wrong');
  }
});
