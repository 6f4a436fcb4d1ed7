import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FAILURE_REASONS } from '../../../src/domain/failure.ts';
import { backoffMs, mayEndTogether } from '../../../src/poller/schedule/backoff.ts';

const middle = () => 0.5;

describe('backoffMs', () => {
  it('the wait doubles with each further failure', () => {
    const waits = [1, 2, 3, 4].map((consecutiveFailures) =>
      backoffMs({ reason: 'server_error', consecutiveFailures, jobs: 100 }, 15_000, middle),
    );
    expect(waits).toEqual([15_000, 30_000, 60_000, 120_000]);
  });

  it('waits at most five minutes, and one after a refusal or a wrong id', () => {
    const wait = (reason: (typeof FAILURE_REASONS)[number]) =>
      backoffMs({ reason, consecutiveFailures: 50, jobs: 100 }, 15_000, middle);
    const waits = Object.fromEntries(FAILURE_REASONS.map((reason) => [reason, wait(reason) / 1000]));
    expect(waits).toEqual({
      unauthorized: 60,
      forbidden: 60,
      not_found: 60,
      not_self_hosted: 60,
      rate_limited: 300,
      timeout: 300,
      network: 300,
      server_error: 300,
      bad_response: 300,
      client_error: 300,
    });
  });

  it.each<[number, (typeof FAILURE_REASONS)[number], number, number]>([
    [1, 'network', 15, 30],
    [2, 'network', 15, 60],
    [2, 'rate_limited', 15, 60],
    [2, 'timeout', 120, 120],
    [6, 'server_error', 15, 180],
    [10, 'bad_response', 15, 300],
    [2000, 'network', 15, 300],
    [2, 'unauthorized', 15, 60],
    [2, 'client_error', 15, 300],
  ])('with %d jobs on the connection, after many times %s and at an interval of %d s, is %d s', (...row) => {
    const [jobs, reason, interval, seconds] = row;
    expect(backoffMs({ reason, consecutiveFailures: 50, jobs }, interval * 1000, middle)).toBe(seconds * 1000);
  });

  it('stays between the interval and the cap, whatever chance says', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...FAILURE_REASONS),
        fc.integer({ min: 1, max: 5_000 }),
        fc.integer({ min: 1, max: 30 }),
        fc.integer({ min: 5_000, max: 600_000 }),
        fc.double({ min: 0, max: 0.999_999, noNaN: true }),
        (reason, consecutiveFailures, jobs, intervalMs, chance) => {
          const wait = backoffMs({ reason, consecutiveFailures, jobs }, intervalMs, () => chance);
          expect(wait).toBeGreaterThanOrEqual(Math.min(intervalMs, 60_000));
          expect(wait).toBeLessThanOrEqual(300_000);
        },
      ),
    );
  });
});

describe('mayEndTogether', () => {
  it('holds for troubles of the service, not for those of one environment', () => {
    expect(FAILURE_REASONS.filter(mayEndTogether)).toEqual([
      'rate_limited',
      'timeout',
      'network',
      'server_error',
      'bad_response',
    ]);
  });
});
