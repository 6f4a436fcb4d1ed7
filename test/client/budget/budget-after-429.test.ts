import { describe, expect, it } from 'vitest';
import { bucketShape } from '../../../src/domain/request-budget.ts';
import { create, drain } from './budgets.ts';

describe('a 429', () => {
  it('stops everything for retry-after, then gives half', () => {
    const { clock, budget } = create(240);
    budget.penalize(30_000);
    expect(budget.timeUntilNextMs()).toBe(30_000);
    clock.advanceNow(29_999);
    expect(budget.tryTake()).toBe(false);
    clock.advanceNow(1);
    expect(budget.limitPerMinute).toBe(120);
    expect(budget.configuredPerMinute).toBe(240);
    expect(drain(budget)).toBe(1);
    budget.succeeded();
    expect(drain(budget)).toBe(3);
  });

  it('takes nothing away from what came in before it, at the rate of before', () => {
    const { clock, budget } = create(240);
    drain(budget);
    clock.advanceNow(500);
    budget.penalize(1000);
    clock.advanceNow(1000);
    const earned = 500 * bucketShape(240).perMs + 1000 * bucketShape(120).perMs;
    const probe = drain(budget);
    budget.succeeded();
    expect(probe + drain(budget)).toBe(Math.floor(earned));
  });

  describe('is followed by one probe', () => {
    function probing() {
      const created = create(240);
      created.budget.penalize(30_000);
      created.clock.advanceNow(30_000);
      expect(drain(created.budget)).toBe(1);
      return created;
    }

    it('that keeps all others waiting until it is answered', async () => {
      const { clock, budget } = probing();
      let granted = false;
      void budget.take().then(() => {
        granted = true;
      });
      clock.advanceNow(9000);
      await null;
      expect([granted, budget.tryTake(), budget.isRateLimited, budget.pauseMs]).toEqual([false, false, true, 0]);
      budget.succeeded();
      clock.advanceNow(1);
      await null;
      expect([granted, budget.isRateLimited]).toEqual([true, false]);
      expect(drain(budget)).toBe(3);
    });

    it('and by another pause when it is refused, too', () => {
      const { clock, budget } = probing();
      budget.penalize(300_000);
      clock.advanceNow(299_999);
      expect(budget.tryTake()).toBe(false);
      clock.advanceNow(1);
      expect(drain(budget)).toBe(1);
    });

    it('and by all others when the network has lost it', () => {
      const { budget } = probing();
      budget.unanswered();
      expect(drain(budget)).toBe(3);
      expect(budget.isRateLimited).toBe(true);
    });

    it('and by another one when it was called off and nothing ever tells of it', () => {
      const { clock, budget } = probing();
      clock.advanceNow(10_000);
      expect(drain(budget)).toBe(1);
    });

    it('not by one whose answer was under way before the pause', () => {
      const { clock, budget } = create(240);
      budget.penalize(30_000);
      budget.succeeded();
      budget.unanswered();
      clock.advanceNow(30_000);
      expect(drain(budget)).toBe(1);
    });
  });

  it('is recovered from by 5 % of the configured rate each 10 s', () => {
    const { clock, budget } = create(200);
    budget.penalize(1000);
    clock.advanceNow(1000 + 9999);
    expect(budget.limitPerMinute).toBeCloseTo(100, 6);
    clock.advanceNow(1);
    expect(budget.limitPerMinute).toBeCloseTo(110, 6);
    clock.advanceNow(80_000);
    expect(budget.limitPerMinute).toBeCloseTo(190, 6);
    clock.advanceNow(100_000);
    expect(budget.limitPerMinute).toBe(200);
  });

  it.each<[what: string, retryAfterMs: number | null]>([
    ['without retry-after', null],
    ['with a retry-after that is already over', 0],
  ])('%s pauses for 5 s · 2ⁿ, at most 120 s, with full jitter', (_, retryAfterMs) => {
    const { clock, budget } = create(240, () => 1);
    const pauses = [];
    for (let at = 0; at < 7; at++) {
      budget.penalize(retryAfterMs);
      pauses.push(budget.timeUntilNextMs());
      clock.advanceNow(budget.timeUntilNextMs());
    }
    expect(pauses).toEqual([5000, 10_000, 20_000, 40_000, 80_000, 120_000, 120_000]);
    budget.succeeded();
    clock.advanceNow(600_000);
    budget.penalize(retryAfterMs);
    expect(budget.timeUntilNextMs()).toBe(5000);
    const { budget: lucky } = create(240, () => 0);
    lucky.penalize(retryAfterMs);
    expect(lucky.timeUntilNextMs()).toBe(0);
  });

  it('answered to several requests under way counts once, and the longest wait wins', () => {
    const { clock, budget } = create(240);
    budget.penalize(10_000);
    budget.penalize(20_000);
    budget.penalize(5000);
    budget.penalize(0);
    budget.penalize(null);
    expect(budget.timeUntilNextMs()).toBe(20_000);
    clock.advanceNow(20_000);
    expect(budget.limitPerMinute).toBe(120);
  });

  it('upon 429 leaves nobody asleep for longer than the recovery takes', async () => {
    const { clock, budget } = create(60, () => 0);
    for (let at = 0; at < 20; at++) budget.penalize(null);
    drain(budget);
    const waiting = budget.take();
    clock.advanceNow(50_000);
    await waiting;
    expect(budget.timeUntilNextMs()).toBeLessThanOrEqual(10_000);
  });

  it('a 429 keeps those waiting who wait for a token', async () => {
    const { clock, budget } = create(240);
    drain(budget);
    let granted = false;
    void budget.take().then(() => {
      granted = true;
    });
    budget.penalize(30_000);
    clock.advanceNow(29_999);
    await null;
    expect(granted).toBe(false);
    clock.advanceNow(1000);
    await null;
    expect(granted).toBe(true);
  });
});
