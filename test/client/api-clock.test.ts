import { beforeEach, describe, expect, it } from 'vitest';
import { ApiClock } from '../../src/client/api-clock.ts';
import { ManualClock } from '../support/manual-clock.ts';

const MINUTE = 60_000;
let clock: ManualClock;
let api: ApiClock;

beforeEach(() => {
  clock = new ManualClock();
  api = new ApiClock(clock);
});

/** An answer of an API whose clock differs by so much, and that took so long. */
function answer(skewMs: number, { tookMs = 0 } = {}): void {
  const sentAt = clock.monotonic();
  clock.advanceNow(tookMs);
  const date = Math.floor((clock.now() - tookMs / 2 + skewMs) / 1000) * 1000;
  api.answered(date, sentAt, clock.monotonic());
  clock.advanceNow(1234);
}

describe("the API's clock", () => {
  it.each([-30_000, 5000, 30_000])('is measured to half a second: %d ms', (skewMs) => {
    for (let n = 0; n < 9; n++) answer(skewMs);
    expect(Math.abs(api.correctionMs - skewMs)).toBeLessThanOrEqual(500);
    expect(api.measuredMs).toBe(api.correctionMs);
  });

  it('corrects nothing where the clocks may agree', () => {
    for (let n = 0; n < 9; n++) answer(1400);
    expect(api.correctionMs).toBe(0);
    expect(api.measuredMs).toBeGreaterThan(0);
  });

  it('is not moved by few wrong dates', () => {
    for (let n = 0; n < 9; n++) answer(n % 3 === 0 ? 86_400_000 : 0);
    expect(api.correctionMs).toBe(0);
  });

  it('is unknown before there is an answer, and believed more than a minute off from the second one on', () => {
    expect([api.measuredMs, api.correctionMs]).toEqual([null, 0]);
    answer(10 * MINUTE);
    expect([api.measuredMs, api.correctionMs]).toEqual([null, 0]);
    answer(10 * MINUTE);
    expect(Math.abs(api.correctionMs - 10 * MINUTE)).toBeLessThanOrEqual(500);
  });

  it('is not read from an answer that took more than five seconds', () => {
    for (let n = 0; n < 9; n++) answer(30_000, { tookMs: 5001 });
    expect(api.measuredMs).toBeNull();
  });

  it('is right at once after the own clock was set', () => {
    for (let n = 0; n < 9; n++) answer(0);
    clock.jumpWall(-30_000);
    expect(Math.abs(api.correctionMs - 30_000)).toBeLessThanOrEqual(500);
  });

  it('is shown for ten minutes without an answer, and goes on to correct ages', () => {
    for (let n = 0; n < 9; n++) answer(30_000);
    clock.advanceNow(9 * MINUTE);
    expect(api.measuredMs).not.toBeNull();
    clock.advanceNow(MINUTE);
    expect(api.measuredMs).toBeNull();
    expect(Math.abs(api.correctionMs - 30_000)).toBeLessThanOrEqual(500);
  });
});
