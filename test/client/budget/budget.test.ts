import { describe, expect, it } from 'vitest';
import { bucketShape } from '../../../src/domain/request-budget.ts';
import { create, drain } from './budgets.ts';

describe('the bucket', () => {
  it.each([
    [240, 8],
    [60, 2],
    [120, 4],
    [480, 8],
    [600, 10],
    [1200, 20],
    [30_000, 500],
    [4, 2],
    [3, 1],
    [1, 1],
  ])('of %d requests a minute has a burst of %d', (rpm, burst) => {
    expect(bucketShape(rpm).burst).toBe(burst);
  });

  it('starts with two tokens, or with one where two would be the whole minute', () => {
    expect(drain(create(240).budget)).toBe(2);
    expect(drain(create(2).budget)).toBe(1);
  });

  it('refills to its burst and not beyond', () => {
    const { clock, budget } = create(240);
    drain(budget);
    clock.advanceNow(3_600_000);
    expect(drain(budget)).toBe(8);
  });

  it('refills at (limit − burst) a minute', () => {
    const { clock, budget } = create(240);
    drain(budget);
    const msPerToken = 60_000 / 232;
    expect(budget.timeUntilNextMs()).toBeCloseTo(msPerToken, 3);
    clock.advanceNow(msPerToken - 1);
    expect(budget.tryTake()).toBe(false);
    clock.advanceNow(1);
    expect(budget.timeUntilNextMs()).toBe(0);
    expect(drain(budget)).toBe(1);
    expect(budget.timeUntilNextMs()).toBeCloseTo(msPerToken, 3);
  });

  it('tells when it is full and nobody waits', async () => {
    const { clock, budget } = create(240);
    clock.advanceNow(60_000);
    expect(budget.timeUntilFullMs()).toBe(0);
    drain(budget);
    const waiting = budget.take();
    // Eight tokens of the burst and the one that somebody waits for.
    expect(budget.timeUntilFullMs()).toBeCloseTo((9 * 60_000) / 232, 3);
    clock.advanceNow(60_000);
    await waiting;
    expect(budget.timeUntilFullMs()).toBeLessThan((8 * 60_000) / 232);
  });

  it('a budget counts the tokens that it handed out', async () => {
    const { clock, budget } = create(240);
    budget.tryTake();
    await budget.take();
    expect(budget.tryTake()).toBe(false);
    expect([budget.taken, budget.takenLastMinute]).toEqual([2, 2]);
    budget.giveBack();
    expect([budget.taken, budget.takenLastMinute]).toEqual([1, 1]);
    clock.advanceNow(61_000);
    expect([budget.taken, budget.takenLastMinute]).toEqual([1, 0]);
  });
});

describe('waiting', () => {
  it('is first come, first served, and nobody barges in', async () => {
    const { clock, budget } = create(60);
    drain(budget);
    const order: number[] = [];
    for (let at = 0; at < 3; at++) void budget.take().then(() => order.push(at));
    // The first token is there after 1034.48 ms, and the queue wakes at the next whole one.
    clock.advanceNow(1034.6);
    expect(budget.tryTake()).toBe(false);
    clock.advanceNow(165.4);
    await null;
    expect(order).toEqual([0]);
    // Two wait, and the asker would be the third.
    expect(budget.timeUntilNextMs()).toBeGreaterThan(2 * 1034);
    clock.advanceNow(2100);
    await null;
    expect(order).toEqual([0, 1, 2]);
    expect(clock.timers).toBe(0);
  });

  it('ends with the reason of the signal, and takes nothing', async () => {
    const { clock, budget } = create(60);
    drain(budget);
    const controller = new AbortController();
    const first = budget.take(controller.signal);
    const second = budget.take();
    controller.abort(new Error('stopping'));
    await expect(first).rejects.toThrow('stopping');
    await expect(budget.take(controller.signal)).rejects.toThrow('stopping');
    clock.advanceNow(1100);
    await second;
    expect(budget.taken).toBe(3);
  });
});

describe('a token that is given back', () => {
  it('is there for the next one, who wakes for it', async () => {
    const { clock, budget } = create(60);
    drain(budget);
    const next = budget.take();
    budget.giveBack();
    clock.advanceNow(1);
    await next;
    expect([budget.waiting, budget.taken]).toEqual([0, 2]);
  });

  it('fills no bucket beyond its burst', () => {
    const { clock, budget } = create(240);
    budget.tryTake();
    clock.advanceNow(60_000);
    budget.giveBack();
    expect(drain(budget)).toBe(8);
  });

  it('as the probe after a 429 lets another one be the probe at once', () => {
    const { clock, budget } = create(60);
    budget.penalize(5000);
    clock.advanceNow(6000);
    expect(budget.tryTake()).toBe(true);
    expect(budget.tryTake()).toBe(false);
    budget.giveBack();
    expect(budget.tryTake()).toBe(true);
  });
});

describe('a reload', () => {
  it('changes the limit, and neither gives tokens nor ends a pause', () => {
    const { clock, budget } = create(60);
    drain(budget);
    budget.setLimit(600);
    expect(budget.tryTake()).toBe(false);
    clock.advanceNow(200);
    expect(budget.tryTake()).toBe(true);
    budget.penalize(10_000);
    budget.setLimit(1200);
    expect(budget.timeUntilNextMs()).toBe(10_000);
  });

  it('to a lower limit cuts what had gathered', () => {
    const { clock, budget } = create(240);
    clock.advanceNow(60_000);
    budget.setLimit(60);
    expect(drain(budget)).toBe(2);
  });
});
