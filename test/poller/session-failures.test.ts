import { describe, expect, it } from 'vitest';
import { Secret } from '../../src/base/secret.ts';
import { apiError } from '../support/api-errors.ts';
import { environment } from '../support/environments.ts';
import { RUNNING } from '../support/scripted-work-api.ts';
import { HOUR, MINUTE, pollSessions } from './polled-sessions.ts';

describe('a service that does not answer', () => {
  it('with 404 for all: three sessions are tried, then three others an hour later', async () => {
    const { clock, service, watch, sessions, sessionsOf } = pollSessions();
    sessions('env_1', 20);
    sessions('env_2', 20);
    service.onSession = () => {
      throw apiError('not_found', { httpStatus: 404 });
    };
    watch([environment('env_1'), environment('env_2')]);
    await clock.advance(9 * MINUTE);
    expect(service.asked).toHaveLength(3);
    expect([sessionsOf('env_1').attempted, sessionsOf('env_2').attempted]).toEqual([false, false]);
    await clock.advance(10 * HOUR);
    expect(service.asked.length).toBeLessThanOrEqual(3 * 13);
    service.onSession = () => RUNNING;
    await clock.advance(90 * MINUTE);
    expect(sessionsOf('env_1')).toMatchObject({ attempted: true, longRuns: 20 });
    expect(sessionsOf('env_1').readings.size).toBe(20);
  });

  it.each([
    ['server_error', 500],
    ['timeout', null],
    ['rate_limited', 429],
    ['bad_response', 403],
  ] as const)(
    '%s (%s): every ten minutes; what was read is dropped after three intervals, and comes back',
    async (reason, httpStatus) => {
      const { clock, service, watch, sessions, sessionsOf } = pollSessions();
      sessions('env_1', 5);
      watch([environment('env_1')]);
      await clock.advance(2 * MINUTE);
      expect(sessionsOf().readings.size).toBe(5);
      service.onSession = () => {
        throw apiError(reason, { httpStatus });
      };
      await clock.advance(3 * MINUTE);
      expect(sessionsOf().readings.size).toBe(5);
      await clock.advance(3 * MINUTE);
      expect(sessionsOf()).toMatchObject({ readings: new Map(), failure: { reason } });
      const before = service.asked.length;
      await clock.advance(6 * HOUR);
      expect(service.asked.length - before).toBeLessThan(40);
      service.onSession = () => RUNNING;
      await clock.advance(90 * MINUTE);
      expect(sessionsOf()).toMatchObject({ failure: null, longRuns: 5 });
      expect(sessionsOf().readings.size).toBe(5);
    },
  );

  it('the trouble of one environment is its own', async () => {
    const { clock, service, watch, sessions, sessionsOf, timesOf } = pollSessions();
    sessions('env_1', 3);
    sessions('env_2', 3);
    service.onSession = (id) => {
      if (id.startsWith('sesn_env_1')) throw apiError('server_error');
      return RUNNING;
    };
    watch([environment('env_1'), environment('env_2')]);
    await clock.advance(HOUR);
    expect(timesOf('sesn_env_2_0').length).toBeGreaterThan(25);
    expect(sessionsOf('env_2').failure).toBeNull();
  });

  it('a refusal of the first of two keys is no reason to wait: the second one reads the next session', async () => {
    const { clock, service, watch, sessions, sessionsOf } = pollSessions();
    sessions('env_1', 5);
    service.onSession = () => {
      if (service.keys === 'second') return RUNNING;
      service.keys = 'second';
      throw apiError('forbidden', { httpStatus: 403 });
    };
    watch([environment('env_1')]);
    await clock.advance(5 * MINUTE);
    expect(sessionsOf()).toMatchObject({ attempted: true, failure: null });
    expect(sessionsOf().readings.size).toBe(5);
  });
});

describe('after a reload', () => {
  const key = (value: string) => ({ apiKey: new Secret(value, 'a test') });
  const refused = { unauthorized: 401, forbidden: 403, not_found: 404 } as const;
  const reasons = Object.keys(refused) as (keyof typeof refused)[];

  it.each(reasons)('with another key, sessions that were %s are read at once', async (reason) => {
    const { clock, service, watch, sessions, sessionsOf } = pollSessions();
    sessions('env_1', 5);
    service.onSession = () => {
      throw apiError(reason, { httpStatus: refused[reason] });
    };
    watch([environment('env_1')], key('old'));
    await clock.advance(6 * HOUR);
    service.onSession = () => RUNNING;
    watch([environment('env_1')], key('new'));
    await clock.advance(3 * MINUTE);
    expect(sessionsOf()).toMatchObject({ attempted: true, longRuns: 5 });
    expect(sessionsOf().readings.size).toBe(5);
  });
});
