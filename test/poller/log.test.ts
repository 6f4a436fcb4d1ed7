import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/base/clock.ts';
import type { LogFields } from '../../src/base/logger.ts';
import type { FailureReason } from '../../src/domain/failure.ts';
import { createPollLog, SharedLines } from '../../src/poller/log.ts';
import { initialState, listRead, readFailed } from '../../src/state/changes.ts';
import type { EnvironmentState, ItemsSnapshot } from '../../src/state/environment-state.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { failure } from '../support/scripted-work-api.ts';
import { buildItems, environment } from '../support/states.ts';

const facts = { durationSeconds: 1, requests: 1 };
const ended = { endedAt: 90_000, endedMonotonic: 0 };

/** An environment that was never read, one whose list failed at some time, and one whose list was read then. */
const fresh = (id = 'env_1') =>
  initialState(environment(id), { stats: true, list: true }, { now: () => 0, monotonic: () => 0 });
const failed = (state: EnvironmentState, reason: FailureReason = 'unauthorized', at = 60_000) =>
  readFailed(state, 'list', { ...facts, at }, failure(reason, { httpStatus: 401 }));
const read = (change: Partial<ItemsSnapshot> = { lastFullRead: null }, state = fresh()) =>
  listRead(state, { ...facts, ...ended, at: 60_000 }, buildItems([], change));

function rig() {
  const all: Array<LogFields & { level: string }> = [];
  const write = (level: string) => (fields: LogFields) => void all.push({ level, ...fields });
  const logger = { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
  const clock = new ManualClock();
  const log = createPollLog(logger, new SharedLines(logger, clock));
  /** Apart from debugging. */
  const told = () => all.filter(({ level }) => level !== 'debug');
  return { log, clock, all, told };
}

function lines(...steps: Array<EnvironmentState | undefined>) {
  const { log, told } = rig();
  for (let n = 1; n < steps.length; n++) log.pollEnded('list', steps[n - 1], steps[n]);
  return told();
}

const event = (name: string) => ({ event: name, environment_id: 'env_1', operation: 'list' });

describe('what is logged of one environment', () => {
  it.each<[string, Array<EnvironmentState | undefined>]>([
    ['reads that succeed as before', [fresh(), read(), read()]],
    ['a list that was never read', [undefined, fresh(), fresh()]],
    ['a list without an order yet', [undefined, read(), read()]],
  ])('nothing for %s', (_, steps) => {
    expect(lines(...steps)).toEqual([]);
  });

  it('one line when it begins to fail, with what to do, and one when it is over, with how long it was', () => {
    const failing = failed(fresh());
    const remedy = expect.any(String);
    expect(lines(fresh(), failing, failed(failing), failed(failing), read(undefined, failing))).toMatchObject([
      {
        ...{ ...event('environment.failing'), level: 'warn', reason: 'unauthorized', http_status: 401, remedy },
        ...{ request_id: 'req_failed', since: '1970-01-01T00:01:00.000Z' },
      },
      { ...event('environment.recovered'), level: 'info', reason: 'unauthorized', outage_seconds: 30 },
    ]);
  });

  it.each<[string, Array<EnvironmentState | undefined>, string]>([
    ['has an order', [read(), read({ mode: 'newest' }), read({ mode: 'newest' })], 'newest'],
    ['has another order', [read({ mode: 'newest' }), read({ mode: 'oldest' })], 'oldest'],
    ['has an order at the first read', [undefined, read({ mode: 'oldest' })], 'oldest'],
  ])('once, that a list %s', (_, steps, order) => {
    expect(lines(...steps)).toMatchObject([{ ...event('list.order_learned'), level: 'info', order }]);
  });

  const cut = { at: 0, pages: 7, items: 690, truncated: true };
  it.each([
    ['is longer than the cap', {}, 'poll.max_list_pages'],
    ['leads back', { chainBroken: true }, 'contradict'],
    ['has more items than are followed', { chainBroken: true, roomless: true }, '50,000'],
  ])('once, that a list %s, with what to do', (_, change, remedy) => {
    const truncated = read({ lastFullRead: { ...cut, ...change } });
    const line = { ...event('list.truncated'), level: 'warn', pages: 7, items: 690 };
    expect(lines(read(), truncated, truncated)).toMatchObject([{ ...line, remedy: expect.stringContaining(remedy) }]);
    expect(lines(truncated, read())).toEqual([]);
  });
});

it('when the budget becomes too small, and when it is enough again, one line', () => {
  const { log, told } = rig();
  const factors = [1, 1.2, 4, 1, 1.456, 1].map((active) => ({ idle: active, active }));
  for (let n = 1; n < factors.length; n++) log.intervalsScaled('default', factors[n - 1]!, factors[n]!);
  expect(told()).toMatchObject([
    { level: 'warn', event: 'budget.stretched', connection: 'default', stretch_factor_active: 1.2 },
    { level: 'info', event: 'budget.relaxed' },
    { level: 'warn', event: 'budget.stretched', stretch_factor_idle: 1.46 },
    { level: 'info', event: 'budget.relaxed' },
  ]);
});

describe('an outage of many environments', () => {
  const ids = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, n) => `env_${from + n}`);

  it('has ten lines at once, and one for all others after half a minute; at level debug, each has its own', async () => {
    const { log, clock, all, told } = rig();
    for (const [n, id] of ids(1, 60).entries())
      log.pollEnded('list', fresh(id), failed(fresh(id), 'timeout', 120_000 - n * 1000));
    expect(told().map(({ environment_id }) => environment_id)).toEqual(ids(1, 10));
    expect(all).toHaveLength(60);
    await clock.advance(30_000);
    const shared = { level: 'warn', event: 'environments.failing', connection: 'default', reason: 'timeout' };
    expect(told().slice(10)).toMatchObject([
      {
        ...{ ...shared, environments: 50, environment_ids: ids(11, 60) },
        ...{ since: '1970-01-01T00:01:01.000Z', remedy: 'do this' },
      },
    ]);
  });

  it('loses nothing at the end of the process, and leaves no timer', async () => {
    const { log, clock, told } = rig();
    for (const id of ids(1, 30)) log.pollEnded('list', fresh(id), failed(fresh(id)));
    log.end();
    expect(told().at(-1)).toMatchObject({ environments: 20 });
    expect(clock.timers).toBe(0);
  });

  it('whatever happens in whatever order, each change of each environment is told once, and in its order', async () => {
    const { log, clock, told } = rig();
    const states = new Map(ids(0, 79).map((id) => [id, fresh(id)]));
    const expected = new Map<unknown, string[]>();
    const draw = seededRandom(7);
    for (let step = 0; step < 4000; step++) {
      const id = `env_${Math.floor(draw() * 80)}`;
      const before = states.get(id)!;
      const reason = (['timeout', 'network'] as const)[Math.floor(draw() * 2)]!;
      const after = draw() < 0.5 ? failed(before, reason) : read(undefined, before);
      const [was, is] = [before, after].map(({ operations }) => operations.list.failure?.reason);
      const what = was === is ? [] : [is === undefined ? 'recovered' : 'failing'];
      expected.set(id, [...(expected.get(id) ?? []), ...what]);
      states.set(id, after);
      log.pollEnded('list', before, after);
      if (draw() < 0.02) await clock.advance(draw() * 45_000);
    }
    log.end();
    const heard = new Map<unknown, string[]>();
    for (const { event, environment_id, environment_ids } of told())
      for (const id of [environment_ids ?? environment_id].flat())
        heard.set(id, [...(heard.get(id) ?? []), String(event).split('.')[1]!]);
    expect(heard).toEqual(expected);
    expect(told().length).toBeLessThan(3000);
  });
});
