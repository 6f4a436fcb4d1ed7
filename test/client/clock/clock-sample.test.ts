import { describe, expect, it } from 'vitest';
import { clockSampleOf } from '../../../src/client/clock/clock-sample.ts';

const WALL = Date.UTC(2026, 10, 24, 12);

function sample(headers: Record<string, string>, sentAt = 100, headersAt = 150) {
  const answer = { status: 200, body: Buffer.alloc(0), headers, sentAt, headersAt };
  return clockSampleOf(answer, { connection: 'default', requestId: 'req_1', wallAtZero: WALL });
}
const date = 'Tue, 24 Nov 2026 12:00:00 GMT';

describe('clockSampleOf', () => {
  it('puts the Date header between the own times of request and answer', () => {
    const times = { date: WALL, sentAt: WALL + 100, headersAt: WALL + 150 };
    expect(sample({ date })).toEqual({ connection: 'default', requestId: 'req_1', ...times });
    expect(sample({ date, 'x-cache': 'Miss from cloudfront', 'cf-cache-status': 'DYNAMIC' })).not.toBeNull();
  });

  it.each([
    [{}],
    [{ date: 'today' }],
    [{ date: 'Thu, 01 Jan 1970 00:00:00 GMT' }],
    [{ date: 'Tue, 31 Dec 2019 23:59:59 GMT' }],
    [{ date: 'Fri, 01 Jan 2100 00:00:00 GMT' }],
    [{ date, age: '0' }],
    [{ date, 'x-cache': 'Hit from cloudfront' }],
    [{ date, 'cf-cache-status': 'HIT' }],
  ])('is null for %j', (headers) => {
    expect(sample(headers as Record<string, string>)).toBeNull();
  });

  it('is null for an answer that took five seconds', () => {
    expect(sample({ date }, 0, 4999)).not.toBeNull();
    expect(sample({ date }, 0, 5000)).toBeNull();
  });
});
