import { expect, it } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';

it('a timer of the system never ends early, whatever part of a millisecond it is asked for', async () => {
  const early: number[] = [];
  await Promise.all(
    Array.from({ length: 200 }, (_, n) => {
      const delayMs = 1 + n / 7;
      const startedAt = systemClock.monotonic();
      return new Promise<void>((resolve) => {
        systemClock.setTimer(delayMs, () => {
          const passed = systemClock.monotonic() - startedAt;
          if (passed < delayMs) early.push(delayMs - passed);
          resolve();
        });
      });
    }),
  );
  expect(early).toEqual([]);
});
