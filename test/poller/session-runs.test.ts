import { describe, expect, it } from 'vitest';
import { Secret } from '../../src/base/secret.ts';
import type { Environment, SessionSettings } from '../../src/domain/environment.ts';
import { apiError, RUNNING } from '../support/scripted-work-api.ts';
import { environment, POLL } from '../support/states.ts';
import { HOUR, MINUTE, pollSessions } from './polled-sessions.ts';

const SESSIONS: SessionSettings = { enabled: true, afterMs: 10 * MINUTE, intervalMs: 2 * MINUTE, maxItems: 50 };
const SECOND = 1000;

/** Its list and its stats are read once an hour, so that all else is about sessions. */
function rarelyRead(id = 'env_1', change: Partial<Environment> = {}): Environment {
  const poll = { ...POLL, statsIntervalMs: HOUR, listIntervalMs: HOUR, staleAfterMs: 5 * MINUTE };
  return environment(id, { poll, ...change });
}

const unknown = () => {
  throw apiError('not_found', { httpStatus: 404 });
};

describe('which runs are long', () => {
  it('one that becomes long between two reads of the list is read then', async () => {
    const { clock, service, watch, sessions, sessionsOf, timesOf } = pollSessions();
    sessions('env_1', 1, 5 * MINUTE);
    watch([rarelyRead()]);
    await clock.advance(5 * MINUTE - SECOND);
    expect(sessionsOf()).toMatchObject({ attempted: true, longRuns: 0 });
    await clock.advance(2 * SECOND);
    expect(sessionsOf().longRuns).toBe(1);
    expect(timesOf('sesn_env_1_0')).toHaveLength(1);
    expect(service.count('list')).toBe(1);
  });

  it('of those that become long one after the other, each is read soon', async () => {
    const { clock, service, runs, watch, sessionsOf } = pollSessions(6000);
    const startedAt = clock.now();
    runs.set('env_1', new Map(Array.from({ length: 100 }, (_, n) => [`sesn_${n}`, startedAt + n * 100])));
    watch([rarelyRead('env_1', { sessions: { ...SESSIONS, maxItems: 100 } })]);
    await clock.advance(10 * MINUTE + 16 * SECOND);
    expect(sessionsOf().longRuns).toBe(100);
    await clock.advance(20 * SECOND);
    expect(sessionsOf().readings.size).toBe(100);
    expect(service.count('list')).toBe(1);
  });

  it('one that has ended is no longer read, and its reading goes', async () => {
    const { clock, service, runs, watch, sessions, sessionsOf } = pollSessions();
    sessions('env_1', 2);
    watch([environment('env_1')]);
    await clock.advance(MINUTE);
    expect([...sessionsOf().readings.keys()]).toEqual(['sesn_env_1_0', 'sesn_env_1_1']);
    runs.get('env_1')!.delete('sesn_env_1_0');
    await clock.advance(MINUTE);
    expect(sessionsOf().longRuns).toBe(1);
    expect([...sessionsOf().readings.keys()]).toEqual(['sesn_env_1_1']);
    const before = service.asked.length;
    await clock.advance(HOUR);
    expect(new Set(service.asked.slice(before).map(({ sessionId }) => sessionId))).toEqual(new Set(['sesn_env_1_1']));
  });

  it('those of an environment that is not watched any more are not read', async () => {
    const { clock, service, watch, sessions } = pollSessions();
    sessions('env_1', 2);
    sessions('env_2', 2);
    watch([environment('env_1'), environment('env_2')]);
    await clock.advance(MINUTE);
    watch([environment('env_2')]);
    const before = service.asked.length;
    await clock.advance(HOUR);
    expect(new Set(service.asked.slice(before).map(({ environmentId }) => environmentId))).toEqual(new Set(['env_2']));
  });
});

describe('a reload', () => {
  it('that switches sessions off drops what was read at once, and reads no more', async () => {
    const { clock, service, watch, sessions, sessionsOf } = pollSessions();
    sessions('env_1', 2);
    watch([rarelyRead()]);
    await clock.advance(MINUTE);
    expect(sessionsOf().readings.size).toBe(2);
    watch([rarelyRead('env_1', { sessions: { ...SESSIONS, enabled: false } })]);
    expect(sessionsOf()).toMatchObject({ attempted: false, longRuns: 0, readings: new Map() });
    const before = service.asked.length;
    await clock.advance(HOUR);
    expect(service.asked.length).toBe(before);
  });

  it('with a shorter `after` makes runs long at once, and one with a shorter interval reads them again sooner', async () => {
    const { clock, watch, sessions, sessionsOf, timesOf } = pollSessions();
    sessions('env_1', 1, MINUTE);
    watch([rarelyRead()]);
    await clock.advance(MINUTE);
    expect(sessionsOf().longRuns).toBe(0);
    watch([rarelyRead('env_1', { sessions: { ...SESSIONS, afterMs: MINUTE } })]);
    expect(sessionsOf().longRuns).toBe(1);
    await clock.advance(SECOND);
    expect(timesOf('sesn_env_1_0')).toHaveLength(1);
    watch([rarelyRead('env_1', { sessions: { ...SESSIONS, afterMs: MINUTE, intervalMs: 10 * SECOND } })]);
    await clock.advance(25 * SECOND);
    expect(timesOf('sesn_env_1_0')).toHaveLength(3);
  });

  it.each([
    ['not_found', 404],
    ['server_error', 500],
  ] as const)('with another key forgets what was %s', async (reason, httpStatus) => {
    const { clock, service, watch, sessions, sessionsOf } = pollSessions();
    service.onSession = () => {
      throw apiError(reason, { httpStatus });
    };
    sessions('env_1', 3);
    watch([rarelyRead()], { apiKey: new Secret('old', 'a test') });
    await clock.advance(MINUTE);
    service.onSession = () => RUNNING;
    watch([rarelyRead()], { apiKey: new Secret('new', 'a test') });
    await clock.advance(MINUTE);
    expect(sessionsOf().readings.size).toBe(3);
  });

  it('that changes nothing of an environment learns nothing anew', async () => {
    const { clock, states, watch, sessions } = pollSessions();
    sessions('env_1', 2);
    const same = rarelyRead();
    watch([same]);
    await clock.advance(MINUTE);
    const before = states.updates;
    watch([same]);
    expect(states.updates).toBe(before);
  });
});

describe('a look that reads nothing', () => {
  it('changes no state, while all sessions were read lately', async () => {
    const { clock, states, service, watch, sessions } = pollSessions();
    sessions('env_1', 3);
    sessions('env_2', 3);
    watch([rarelyRead('env_1'), rarelyRead('env_2')]);
    await clock.advance(MINUTE);
    expect(service.asked).toHaveLength(6);
    const before = states.updates;
    await clock.advance(MINUTE - SECOND);
    expect(states.updates).toBe(before);
  });

  it('changes no state, while sessions are due and there is no room for them', async () => {
    const { clock, states, service, watch, sessions } = pollSessions();
    service.onSession = unknown;
    sessions('env_1', 100);
    watch([rarelyRead('env_1')]);
    await clock.advance(30 * SECOND);
    // The whole connection pauses.
    service.budget.answered({ retryAfterMs: 5 * MINUTE });
    const before = { updates: states.updates, asked: service.asked.length };
    await clock.advance(5 * MINUTE - SECOND);
    expect({ updates: states.updates, asked: service.asked.length }).toEqual(before);
  });

  it('changes no state, while an environment pauses', async () => {
    const { clock, states, service, watch, sessions } = pollSessions();
    service.onSession = () => {
      throw apiError('server_error');
    };
    sessions('env_1', 3);
    watch([rarelyRead('env_1')]);
    await clock.advance(MINUTE);
    expect(service.asked).toHaveLength(1);
    const before = states.updates;
    await clock.advance(9 * MINUTE - SECOND);
    expect(states.updates).toBe(before);
    await clock.advance(MINUTE);
    expect(service.asked).toHaveLength(2);
  });

  it('changes no state after a read of the list that shows the same runs', async () => {
    const { clock, states, service, watch, sessions } = pollSessions();
    service.onSession = unknown;
    sessions('env_1', 3);
    watch([environment('env_1')]);
    await clock.advance(5 * MINUTE);
    const before = { updates: states.updates, reads: service.calls.length };
    await clock.advance(40 * MINUTE);
    const reads = service.calls.length - before.reads;
    expect(reads).toBeGreaterThan(200);
    // What it shows, and when the next one is due.
    expect(states.updates - before.updates).toBe(2 * reads);
  });
});

it('each reading that becomes too old goes, also while neither lists nor sessions can be read', async () => {
  const { clock, service, watch, sessions, sessionsOf } = pollSessions();
  sessions('env_1', 2);
  watch([rarelyRead()]);
  await clock.advance(10 * SECOND);
  service.onSession = () => {
    throw apiError('server_error');
  };
  const [first, second] = [...sessionsOf().readings.values()];
  const lifeMs = 3 * SESSIONS.intervalMs;
  await clock.advance(first!.readAt + lifeMs - clock.now());
  expect(sessionsOf().readings.size).toBe(2);
  await clock.advance(second!.readAt - first!.readAt);
  expect([...sessionsOf().readings.values()]).toEqual([second]);
  await clock.advance(10 * SECOND);
  expect(sessionsOf().readings.size).toBe(0);
  expect(service.count('list')).toBe(1);
});

describe('which environments', () => {
  it('one with many new runs does not hold up the others', async () => {
    const { clock, watch, sessions, sessionsOf } = pollSessions();
    const many = { ...SESSIONS, maxItems: 1000 };
    sessions('env_1', 300);
    sessions('env_2', 3);
    watch([environment('env_1', { sessions: many }), environment('env_2', { sessions: many })]);
    await clock.advance(MINUTE);
    expect(sessionsOf('env_2').readings.size).toBe(3);
    expect(sessionsOf('env_1').readings.size).toBeGreaterThan(10);
  });

  it('of one, at most `max_items` are read within an interval, and all in turn', async () => {
    const { clock, service, runs, watch, sessions, timesOf } = pollSessions(1200);
    sessions('env_1', 20);
    sessions('env_2', 1);
    watch([environment('env_1', { sessions: { ...SESSIONS, maxItems: 5 } }), environment('env_2')]);
    await clock.advance(8 * SESSIONS.intervalMs + 30 * SECOND);
    const times = service.asked.filter(({ environmentId }) => environmentId === 'env_1').map(({ at }) => at);
    const inInterval = times.map((from) => times.filter((at) => at >= from && at < from + SESSIONS.intervalMs).length);
    expect(Math.max(...inInterval)).toBe(5);
    const reads = [...runs.get('env_1')!.keys()].map((id) => timesOf(id).length);
    expect(Math.min(...reads)).toBe(2);
    expect(Math.max(...reads)).toBeLessThanOrEqual(3);
    expect(timesOf('sesn_env_2_0').length).toBeGreaterThanOrEqual(8);
  });

  it('a session that is unknown is tried once an hour, and those beside it at their interval', async () => {
    const { clock, service, watch, sessions, timesOf } = pollSessions();
    service.onSession = (id) => (id === 'sesn_env_1_0' ? unknown() : RUNNING);
    sessions('env_1', 2);
    watch([environment('env_1')]);
    await clock.advance(2 * HOUR - 5 * MINUTE);
    expect(timesOf('sesn_env_1_0')).toHaveLength(2);
    expect(timesOf('sesn_env_1_1').length).toBeGreaterThan(50);
  });
});
