import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/base/random.ts';
import { measuredSkewMs, NO_SKEW, type SkewEstimate } from '../../../src/client/clock/skew-estimate.ts';
import { type Exchange, own, series, take } from './clock-exchanges.ts';

const DAY = 86_400_000;
const HOUR = 3_600_000;
const EVERY_MS = 15_000;
/** What the second that `Date` is cut to leaves open, with the way there and back. */
const RIGHT_MS = 1100;

/** One answer in 15 s, the dates off by what a function says. */
function answers(count: number, wrongBy: (n: number) => number, from = 0): Exchange[] {
  return Array.from({ length: count }, (_, n) => ({ at: (from + n) * EVERY_MS, skewMs: wrongBy(n) }));
}

function corrections(exchanges: readonly Exchange[], estimate = NO_SKEW): number[] {
  let known: SkewEstimate = estimate;
  return exchanges.map((one) => {
    known = take(known, one);
    return known.correctionMs;
  });
}

const off = (skewMs: number) => (correction: number) => Math.abs(correction - skewMs) > RIGHT_MS;

describe('a wrong date', () => {
  it.each([
    ['the first answer a day ahead', 0, DAY],
    ['the first answer ten minutes ahead', 0, 600_000],
    ['the first answer in the year 2099', 0, 72 * 365 * DAY],
    ['the first answer a day behind', 0, -DAY],
    ['the twentieth answer a day ahead', 20, DAY],
  ])('is believed by nobody: %s', (_, badAt, wrongBy) => {
    const hour = answers(240, (n) => (n === badAt ? wrongBy : 0));
    expect(corrections(hour).filter((correction) => correction !== 0)).toEqual([]);
    // And what comes after it is measured, at once and in the end.
    for (const last of [badAt + 1, 239]) {
      const estimate = take(NO_SKEW, ...hour.slice(0, last + 1));
      expect(Math.abs(measuredSkewMs(estimate, own(last * EVERY_MS + 40)) ?? DAY)).toBeLessThan(RIGHT_MS);
    }
  });

  it('is corrected by the third right answer where it was near enough to be believed', () => {
    const known = corrections(answers(4, (n) => (n === 0 ? 50_000 : 0)));
    expect(known.slice(0, 3).every(off(0))).toBe(true);
    expect(known[3]).toBe(0);
  });

  it('makes no right date look old after it was believed', () => {
    const estimate = take(NO_SKEW, { at: 0, skewMs: 50_000 }, ...series(0, { from: 1000, count: 11 }));
    expect(estimate.intervals).toHaveLength(11);
    expect(estimate.contradicting).toEqual([]);
  });

  it('does not outlast the own clock being set', () => {
    const before = take(NO_SKEW, ...answers(3, () => DAY));
    const set = answers(3, () => 0, 3).map((one) => ({ ...one, wallJumpMs: HOUR }));
    expect(off(-HOUR)(corrections(set, before).at(-1)!)).toBe(false);
    const nearer = take(NO_SKEW, { at: 0, skewMs: 50_000 }, { at: 1000, skewMs: 0, wallJumpMs: HOUR });
    expect(off(-HOUR)(nearer.correctionMs)).toBe(false);
  });

  it('is over four good answers later, whichever of them it was and however wrong', () => {
    const anyWrong = fc.oneof(fc.integer({ min: -DAY, max: DAY }), fc.integer({ min: -70_000, max: 70_000 }));
    const anySkew = fc.oneof(fc.integer({ min: -5000, max: 5000 }), fc.integer({ min: -HOUR, max: HOUR }));
    fc.assert(
      fc.property(anySkew, anyWrong, fc.integer({ min: 0, max: 30 }), (skewMs, wrongBy, badAt) => {
        const known = corrections(answers(60, (n) => skewMs + (n === badAt ? wrongBy : 0)));
        expect(known.slice(badAt + 4).filter(off(skewMs))).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });
});

describe('one bad machine among several', () => {
  it.each([
    ['an hour ahead, one answer in ten', HOUR, 10],
    ['an hour behind, one answer in ten', -HOUR, 10],
    ['ninety seconds ahead, every other answer', 90_000, 2],
  ])('is never believed: %s', (_, wrongBy, share) => {
    const hour = answers(240, (n) => (n % share === share - 1 ? wrongBy : 0));
    expect(corrections(hour).filter((correction) => correction !== 0)).toEqual([]);
    const measured = measuredSkewMs(take(NO_SKEW, ...hour), own(239 * EVERY_MS + 40));
    expect(Math.abs(measured ?? DAY)).toBeLessThan(RIGHT_MS);
  });

  it('never wins with one answer in four, whichever of the four it is', () => {
    const anyWrong = fc.integer({ min: 2500, max: DAY }).chain((by) => fc.constantFrom(by, -by));
    const anySkew = fc.oneof(fc.integer({ min: -5000, max: 5000 }), fc.integer({ min: -HOUR, max: HOUR }));
    const places = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 2, maxLength: 40 });
    fc.assert(
      fc.property(anySkew, anyWrong, places, (skewMs, wrongBy, bad) => {
        const isBad = (n: number) => bad[Math.floor(n / 4)] === n % 4;
        const known = corrections(answers(bad.length * 4, (n) => skewMs + (isBad(n) ? wrongBy : 0)));
        // Among the first four are three right ones in a row, unless what is right is too far off to be believed at once.
        const settled = Math.abs(skewMs) < 50_000 ? 3 : 11;
        expect(known.slice(settled).filter(off(skewMs))).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  it('does not win by answering several times in a row, as long as it is known for being alone', () => {
    const before = take(NO_SKEW, ...answers(40, (n) => (n % 4 === 3 ? HOUR : 0)));
    expect(
      corrections(
        answers(8, () => HOUR, 40),
        before,
      ).filter(off(0)),
    ).toEqual([]);
  });

  it('does not win by chance within two days of one answer in four', () => {
    const random = seededRandom(1);
    const before = take(NO_SKEW, ...answers(40, (n) => (n % 4 === 3 ? HOUR : 0)));
    const twoDays = answers((2 * DAY) / EVERY_MS, () => (random() < 0.25 ? HOUR : 0), 40);
    expect(twoDays.filter(({ skewMs }) => skewMs !== 0).length).toBeGreaterThan(2500);
    expect(corrections(twoDays, before).filter(off(0))).toEqual([]);
  });

  it('is followed when the others have gone', () => {
    const before = take(NO_SKEW, ...answers(40, (n) => (n % 4 === 3 ? HOUR : 0)));
    const after = corrections(
      answers(41, () => HOUR, 40),
      before,
    );
    expect(off(HOUR)(after.at(-1)!)).toBe(false);
  });
});

describe('a first skew of more than a minute', () => {
  const agreeing = (count: number) => take(NO_SKEW, ...answers(count, () => 600_000));

  it('is known with the third answer that agrees, and not before', () => {
    for (const count of [1, 2]) {
      expect(measuredSkewMs(agreeing(count), own(count * EVERY_MS))).toBeNull();
      expect(agreeing(count).correctionMs).toBe(0);
    }
    expect(off(600_000)(measuredSkewMs(agreeing(3), own(3 * EVERY_MS))!)).toBe(false);
    expect(off(600_000)(agreeing(3).correctionMs)).toBe(false);
  });

  it('is not known from answers that do not agree', () => {
    const wild = take(NO_SKEW, ...answers(12, (n) => (n % 2 === 0 ? 600_000 : HOUR)));
    expect(measuredSkewMs(wild, own(12 * EVERY_MS))).toBeNull();
    expect(wild.correctionMs).toBe(0);
  });

  it('is not known from answers before and after the own clock was set', () => {
    const estimate = take(agreeing(2), { at: 2 * EVERY_MS, skewMs: 600_000, wallJumpMs: 600 });
    expect(estimate.intervals).toEqual([]);
    expect(estimate.correctionMs).toBe(0);
  });

  it('leaves the correction as it was until then', () => {
    const before = take(NO_SKEW, ...series(3000));
    const kept = before.correctionMs;
    const later = [HOUR, HOUR + EVERY_MS, HOUR + 2 * EVERY_MS].map((at) => ({ at, skewMs: 600_000 }));
    const [first, second, third] = corrections(later, before);
    expect([first, second]).toEqual([kept, kept]);
    expect(off(600_000)(third!)).toBe(false);
  });

  it('is known at once when it is the one known ten minutes ago', () => {
    const again = take(agreeing(3), { at: HOUR, skewMs: 600_000 });
    expect(off(600_000)(measuredSkewMs(again, own(HOUR))!)).toBe(false);
  });
});
