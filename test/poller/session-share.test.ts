import { describe, expect, it } from 'vitest';
import { environment } from '../support/environments.ts';
import { IDLE, MINUTE, pollSessions } from './polled-sessions.ts';

describe('the budget', () => {
  /** The most requests in any minute. */
  function mostAMinute(times: readonly number[]): number {
    return Math.max(0, ...times.map((from) => times.filter((at) => at >= from && at < from + MINUTE).length));
  }

  it.each([10, 60, 240, 1200])(
    'of %i a minute: never more than a tenth of what is scheduled',
    async (requestsPerMinute) => {
      const { clock, service, watch, sessions } = pollSessions(requestsPerMinute);
      sessions('env_1', 300);
      service.onSession = () => IDLE;
      watch([
        environment('env_1', { sessions: { enabled: true, afterMs: 600_000, intervalMs: 10_000, maxItems: 1000 } }),
      ]);
      await clock.advance(30 * MINUTE);
      const times = service.asked.map(({ at }) => at);
      const part = 0.1 * 0.9 * requestsPerMinute;
      // A read is of two requests: where the part of a minute is smaller, an hour holds it.
      if (part >= 2) expect(mostAMinute(times)).toBeLessThanOrEqual(part);
      expect(times.length).toBeLessThanOrEqual(30 * part + 2);
      expect(times.length).toBeGreaterThan(0.5 * 30 * Math.min(part, 100));
    },
  );

  it('lists and stats keep their cadence beside 200 long runs, and come first', async () => {
    const environments = Array.from({ length: 60 }, (_, i) => environment(`env_${i}`));
    const count = async (withSessions: boolean) => {
      const { clock, service, watch, sessions } = pollSessions(400);
      for (let i = 0; withSessions && i < 20; i++) sessions(`env_${i}`, 10);
      watch(environments);
      await clock.advance(20 * MINUTE);
      const { calls, asked } = service;
      const of = (operation: string) => calls.filter((call) => call.operation === operation).length;
      return { stats: of('stats'), list: of('list'), sessions: asked.length };
    };
    const without = await count(false);
    const beside = await count(true);
    expect(beside.sessions).toBeGreaterThan(200);
    expect(beside.stats).toBeGreaterThan(0.97 * without.stats);
    expect(beside.list).toBeGreaterThan(0.97 * without.list);
  });

  it('none while stats and lists need it all', async () => {
    const { clock, service, watch, sessions } = pollSessions(60);
    const environments = Array.from({ length: 100 }, (_, i) => environment(`env_${i}`));
    sessions('env_1', 50);
    watch(environments);
    await clock.advance(30 * MINUTE);
    expect(service.asked).toEqual([]);
  });

  it('a session that hangs does not hold up lists and stats', async () => {
    const { clock, service, watch, sessions } = pollSessions();
    sessions('env_1', 50);
    service.onSession = () => new Promise(() => {});
    watch([environment('env_1')], { maxConcurrent: 2 });
    await clock.advance(10 * MINUTE);
    expect(service.count('stats')).toBeGreaterThan(35);
    expect(service.asked.length).toBe(1);
  });
});
