import { describe, expect, it } from 'vitest';
import { type FailedAttempt, retryDelayMs } from '../../src/client/retry.ts';

const failed = (more: Partial<FailedAttempt>): FailedAttempt => ({
  httpStatus: null,
  connectionLost: false,
  fromCache: false,
  shouldRetry: null,
  retryAfterMs: null,
  ...more,
});
const delay = (more: Partial<FailedAttempt>, random = 0.5) => retryDelayMs(failed(more), () => random);

describe('retryDelayMs', () => {
  it('a retry waits 150 to 450 ms', () => {
    expect([0, 0.5, 1].map((random) => delay({ httpStatus: 500 }, random))).toEqual([150, 300, 450]);
  });

  it.each([408, 500, 502, 503, 504, 529])('is for %d', (httpStatus) => {
    expect(delay({ httpStatus })).not.toBeNull();
  });

  it.each([204, 302, 400, 401, 403, 404, 409, 412, 429])('is not for %d, not even when asked to', (httpStatus) => {
    expect(delay({ httpStatus })).toBeNull();
    expect(delay({ httpStatus, shouldRetry: true })).toBeNull();
  });

  it('is for a lost connection and for no other trouble of the network', () => {
    expect(delay({ connectionLost: true })).toBe(300);
    expect(delay({})).toBeNull();
  });

  it('is for an old answer from a cache, and not for a good one that cannot be read', () => {
    expect(delay({ httpStatus: 200, fromCache: true })).toBe(300);
    expect(delay({ httpStatus: 200 })).toBeNull();
  });

  it('nothing is tried again after x-should-retry: false', () => {
    expect(delay({ httpStatus: 503, shouldRetry: false })).toBeNull();
  });

  it('waits for a short retry-after and leaves a long one to the next poll', () => {
    expect(delay({ httpStatus: 503, retryAfterMs: 1000 })).toBe(1000);
    expect(delay({ httpStatus: 503, retryAfterMs: 100 })).toBe(300);
    expect(delay({ httpStatus: 503, retryAfterMs: 3000 })).toBeNull();
  });
});
