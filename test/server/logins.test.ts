import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { Secret } from '../../src/base/secret.ts';
import { Logins, MOST_LOGINS_WAITING } from '../../src/server/access.ts';

const hashed = (cost: number, letter: string) => `$2b$${String(cost).padStart(2, '0')}$${letter.repeat(53)}`;
const ALICE = { name: 'alice', hash: new Secret(hashed(6, 'a'), 'test') };
const BOB = { name: 'bob', hash: new Secret(hashed(9, 'b'), 'test') };
const USERS = [ALICE, BOB];

/** Logins over a comparison that knows one good password and counts the work: 2 to the power of the cost. */
function counted() {
  let work = 0;
  let atOnce = 0;
  let mostAtOnce = 0;
  const logins = new Logins(async (password, hash) => {
    work += 2 ** Number(hash.slice(4, 6));
    mostAtOnce = Math.max(mostAtOnce, ++atOnce);
    await Promise.resolve();
    atOnce--;
    return password === 'good' && !hash.includes('....');
  });
  const spent = async (name: string, password: string) => {
    const before = work;
    const verdict = await logins.check(USERS, { name, password });
    return { verdict, work: work - before };
  };
  return { logins, spent, mostAtOnce: () => mostAtOnce };
}

it('a login of an unknown user costs the same work as a wrong one', async () => {
  const { spent } = counted();
  for (const name of ['alice', 'nobody']) expect(await spent(name, 'bad')).toEqual({ verdict: 'wrong', work: 2 ** 6 });
});

it('one at a time, a few waiting, and more are told to come back', async () => {
  const { logins, mostAtOnce } = counted();
  const asked = Array.from({ length: 40 }, (_, index) => logins.check(USERS, { name: 'alice', password: `${index}` }));
  const verdicts = await Promise.all(asked);
  expect(verdicts.filter((verdict) => verdict === 'wrong')).toHaveLength(MOST_LOGINS_WAITING);
  expect(verdicts.filter((verdict) => verdict === 'busy')).toHaveLength(40 - MOST_LOGINS_WAITING);
  expect(mostAtOnce()).toBe(1);
});

it('a check leaves the event loop to others', async () => {
  const users = [
    { name: 'carol', hash: new Secret('$2y$10$qRTBuFoULoYNA7AQ/F3ck.trZBPyjV64.oA4ZsSBCIWvXuvQlQTuu', 'test') },
  ];
  let done = false;
  const check = new Logins().check(users, { name: 'carol', password: 'wrong' }).finally(() => {
    done = true;
  });
  let turns = 0;
  for (; !done; turns++) await setImmediate();
  expect(await check).toBe('wrong');
  // On the loop itself there would be two or three.
  expect(turns).toBeGreaterThan(20);
});
