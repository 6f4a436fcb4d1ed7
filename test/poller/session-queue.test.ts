import { describe, expect, it } from 'vitest';
import { type LongRun, SessionQueue } from '../../src/poller/session-queue.ts';

const INTERVAL = 120_000;
const HOUR = 3_600_000;

/** A queue, and the reads of sessions that it leads to. */
function queueOf(change = {}) {
  const queue = new SessionQueue();
  const settings = { enabled: true, afterMs: 600_000, intervalMs: INTERVAL, maxItems: 50, ...change };
  const update = (environmentId: string, sessionIds: readonly string[], now = 0) =>
    queue.update({ environmentId, settings, longRuns: new Map(sessionIds.map((id) => [id, 1])) }, now);
  /** Tries what is next. */
  const tryNext = (now: number): LongRun | null => {
    const run = queue.next(now);
    if (run !== null) queue.tried(run, now);
    return run;
  };
  const tryAll = (now: number): string[] => {
    const tried: string[] = [];
    for (let run = tryNext(now); run !== null; run = tryNext(now)) tried.push(run.sessionId);
    return tried;
  };
  return { queue, update, tryNext, tryAll };
}

describe('the order', () => {
  it('each session once an interval, the least recently tried first', () => {
    const { queue, update, tryNext, tryAll } = queueOf();
    update('env', ['a', 'b', 'c']);
    expect(queue.next(0)?.sessionId).toBe('a');
    for (const now of [1, 2, 3]) tryNext(now);
    expect(queue.next(INTERVAL)).toBeNull();
    expect(queue.nextDueAt).toBe(INTERVAL + 1);
    expect(tryAll(INTERVAL + 3)).toEqual(['a', 'b', 'c']);
  });

  it('a run that is new goes before those that were tried, also of other environments', () => {
    const { update, tryNext, tryAll } = queueOf();
    update('env_1', ['a', 'b']);
    update('env_2', ['c']);
    for (const now of [1, 2, 3]) tryNext(now);
    update('env_1', ['a', 'b', 'new'], INTERVAL + 10);
    expect(tryAll(INTERVAL + 10)).toEqual(['new', 'a', 'c', 'b']);
  });

  it('environments whose sessions were never tried take turns, also if a list is read in between', () => {
    const { update, tryNext } = queueOf();
    const lists = { env_1: ['a1', 'a2', 'a3'], env_2: ['b1', 'b2', 'b3'], env_3: ['c1'] };
    const updateAll = () => {
      for (const [id, sessions] of Object.entries(lists)) update(id, sessions);
    };
    updateAll();
    const tried: (string | undefined)[] = [];
    for (let now = 0; now < 7; now++) {
      tried.push(tryNext(now)?.sessionId);
      update('env_1', lists.env_1, now);
    }
    expect(tried).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'a3', 'b3']);
  });
});

describe('what is not tried', () => {
  it('a run that has ended, and one that ends while its session is read', () => {
    const { queue, update, tryNext, tryAll } = queueOf();
    update('env', ['a', 'b', 'c']);
    const run = tryNext(0)!;
    update('env', ['c'], 1);
    queue.leaveAlone(run, HOUR, 1);
    expect(tryAll(1)).toEqual(['c']);
    expect(tryAll(2 * HOUR)).toEqual(['c']);
    // A new run of that session is a new one.
    update('env', ['a', 'c'], 2 * HOUR + 1);
    expect(tryAll(2 * HOUR + 1)).toEqual(['a']);
  });

  it('a session that is left alone, until then', () => {
    const { queue, update, tryNext, tryAll } = queueOf();
    update('env', ['a', 'b']);
    queue.leaveAlone(tryNext(0)!, HOUR, 1);
    expect(tryAll(INTERVAL)).toEqual(['b']);
    expect(tryAll(HOUR - 1)).toEqual(['b']);
    expect(tryAll(HOUR)).toEqual(['a']);
  });

  it('sessions of an environment that pauses, until then; others go on', () => {
    const { queue, update, tryAll } = queueOf();
    update('env_1', ['a']);
    update('env_2', ['b']);
    queue.pause('env_1', 600_000, 0);
    expect(tryAll(0)).toEqual(['b']);
    update('env_1', ['a', 'new'], 1);
    expect(tryAll(599_999)).toEqual(['b']);
    expect(queue.nextDueAt).toBe(600_000);
    expect(tryAll(600_000)).toEqual(['a', 'new']);
  });

  it('environments that are gone', () => {
    const { queue, update, tryNext, tryAll } = queueOf();
    update('env_1', ['a']);
    update('env_2', ['b']);
    const run = tryNext(0)!;
    queue.keepOnly(new Set(['env_2']));
    queue.leaveAlone(run, HOUR, 1);
    queue.pause('env_1', HOUR, 1);
    expect(tryAll(2 * HOUR)).toEqual(['b']);
  });

  it('more of an environment than `max_items` within an interval', () => {
    const { queue, update, tryNext, tryAll } = queueOf({ maxItems: 2 });
    update('env_1', ['a', 'b', 'c', 'd', 'e']);
    update('env_2', ['f']);
    expect([0, 10, 20, 30].map((now) => tryNext(now)?.sessionId)).toEqual(['a', 'f', 'b', undefined]);
    expect(queue.nextDueAt).toBe(INTERVAL);
    expect(tryAll(INTERVAL)).toEqual(['c']);
    expect(tryAll(INTERVAL + 20)).toEqual(['d', 'f']);
    // One that has ended takes no room.
    update('env_1', ['a', 'b', 'd', 'e'], INTERVAL + 30);
    expect(tryAll(INTERVAL + 30)).toEqual(['e']);
  });
});

it('with another interval and another limit, what was tried stays known', () => {
  const { queue, update, tryAll } = queueOf({ maxItems: 2 });
  update('env', ['a', 'b', 'c']);
  expect(tryAll(0)).toEqual(['a', 'b']);
  const settings = { enabled: true, afterMs: 600_000, intervalMs: 10_000, maxItems: 3 };
  queue.update(
    {
      environmentId: 'env',
      settings,
      longRuns: new Map([
        ['a', 1],
        ['b', 1],
        ['c', 1],
      ]),
    },
    1,
  );
  expect(tryAll(1)).toEqual(['c']);
  expect(tryAll(10_000)).toEqual(['a', 'b']);
  queue.update(
    { environmentId: 'env', settings: { ...settings, intervalMs: HOUR }, longRuns: new Map([['a', 1]]) },
    20_000,
  );
  expect(tryAll(HOUR + 9999)).toEqual([]);
  expect(tryAll(HOUR + 10_000)).toEqual(['a']);
});
