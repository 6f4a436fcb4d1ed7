import fc from 'fast-check';
import { expect, it } from 'vitest';
import { FAILURE_REASONS } from '../../src/domain/failure.ts';
import { type PollRecord, RECENT_POLLS, RecentPolls } from '../../src/state/recent-polls.ts';

const times = { at: fc.nat(), durationSeconds: fc.double({ noNaN: true }), requests: fc.nat() };
const operation = fc.constantFrom('stats' as const, 'list' as const);
const good: fc.Arbitrary<PollRecord> = fc.record({
  ...times,
  operation,
  ok: fc.constant(true),
  reason: fc.constant(null),
  httpStatus: fc.constantFrom(200, 203, null),
  requestId: fc.constant(null),
});
const bad: fc.Arbitrary<PollRecord> = fc.record({
  ...times,
  operation,
  ok: fc.constant(false),
  reason: fc.constantFrom(...FAILURE_REASONS),
  httpStatus: fc.constantFrom(500, 403, null),
  requestId: fc.option(fc.string()),
});
/** A poll, and which of the values so far it is added to, counted from the last one. */
const step = fc.tuple(fc.oneof(good, bad), fc.oneof({ weight: 20, arbitrary: fc.constant(0) }, fc.nat({ max: 30 })));

it('every value keeps its own last polls, newest first, whatever is added to it or to others', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 90, size: 'max' }), (steps) => {
      const values = [{ polls: RecentPolls.NONE, wanted: [] as readonly PollRecord[] }];
      for (const [poll, back] of steps) {
        const { polls, wanted } = values.at(-1 - Math.min(back, values.length - 1))!;
        values.push({ polls: polls.with(poll), wanted: [poll, ...wanted].slice(0, RECENT_POLLS) });
      }
      for (const { polls, wanted } of values) expect(polls.newestFirst()).toEqual(wanted);
    }),
  );
});
