import fc from 'fast-check';
import { expect, it } from 'vitest';
import { LastMinute } from '../../../src/client/budget/last-minute.ts';

type Step = readonly [at: number, what: 'add' | 'takeBack'];

function after(steps: readonly Step[], now: number): number {
  const minute = new LastMinute();
  for (const [at, what] of steps) minute[what](at);
  return minute.count(now);
}

it.each<[string, readonly Step[], number, number]>([
  ['nothing was sent', [], 5000, 0],
  [
    'three at once',
    [
      [10, 'add'],
      [10, 'add'],
      [10, 'add'],
    ],
    10,
    3,
  ],
  [
    'after half a minute all of them still count',
    [
      [10, 'add'],
      [20_000, 'add'],
    ],
    30_000,
    2,
  ],
  [
    'after a minute the first does not',
    [
      [10, 'add'],
      [20_000, 'add'],
    ],
    60_000,
    1,
  ],
  [
    'after an hour none does',
    [
      [10, 'add'],
      [20_000, 'add'],
    ],
    3_600_000,
    0,
  ],
  [
    'one that was not sent does not count',
    [
      [10, 'add'],
      [20_000, 'add'],
      [20_001, 'takeBack'],
    ],
    30_000,
    1,
  ],
  [
    'one that was not sent, and was taken in another second',
    [
      [10, 'add'],
      [2000, 'takeBack'],
    ],
    3000,
    0,
  ],
  ['nothing to take back', [[10, 'takeBack']], 10, 0],
  ['the process began late on the clock', [[9e9, 'add']], 9e9 + 1000, 1],
])('counts the requests of the last minute: %s', (_, steps, now, expected) => {
  expect(after(steps, now)).toBe(expected);
});

it('counts every request of the last 59 s and none of more than a minute ago', () => {
  const gaps = fc.array(fc.integer({ min: 0, max: 9000 }), { maxLength: 60 });
  fc.assert(
    fc.property(gaps, fc.integer({ min: 0, max: 90_000 }), (all, wait) => {
      let at = 0;
      const moments = all.map((gap) => (at += gap));
      const now = at + wait;
      const within = (ms: number) => moments.filter((moment) => now - moment < ms).length;
      const counted = after(
        moments.map((moment) => [moment, 'add'] as const),
        now,
      );
      expect(counted).toBeGreaterThanOrEqual(within(59_000));
      expect(counted).toBeLessThanOrEqual(within(60_000));
    }),
  );
});
