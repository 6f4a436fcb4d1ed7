import { describe, expect, it } from 'vitest';
import type { LogFields } from '../../src/base/logger.ts';
import { createPollLog, type PollLog } from '../../src/poller/log.ts';
import { SharedLines } from '../../src/poller/shared-lines.ts';
import { initialState, listRead, readFailed } from '../../src/state/changes.ts';
import type { EnvironmentState, ItemsSnapshot } from '../../src/state/environment-state.ts';
import { failure } from '../support/api-errors.ts';
import { environment } from '../support/environments.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { buildItems } from '../support/states.ts';

const facts = { operation: 'list' as const, at: 60_000, durationSeconds: 1, requests: 1 };
const fresh = initialState(environment('env_1'), { stats: true, list: true }, { now: () => 0, monotonic: () => 0 });
const failed = readFailed(fresh, { ...facts, failure: failure('unauthorized', { httpStatus: 401 }) });
const well = listRead(
  failed,
  {
    ...facts,
    endedAt: 90_000,
    endedMonotonic: 0,
    credential: 'environment_key',
    httpStatus: 200,
  },
  buildItems([], { lastFullRead: null, mismatch: null }),
);

type Line = LogFields & { readonly level: string; readonly message: string };

function written(use: (log: PollLog) => void): Line[] {
  const all: Line[] = [];
  const log = (level: string) => (fields: LogFields, message: string) => all.push({ level, message, ...fields });
  const logger = { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') };
  use(createPollLog(logger, new SharedLines(logger, new ManualClock())));
  return all;
}

function lines(...steps: Array<EnvironmentState | undefined>): Line[] {
  return written((pollLog) => {
    for (let n = 1; n < steps.length; n++) pollLog.pollEnded('list', steps[n - 1], steps[n]);
  });
}

/** An environment whose list was read like this. */
function read(change: Partial<ItemsSnapshot>): EnvironmentState {
  return { ...well, items: buildItems([], change) };
}

const cut = { at: 0, pages: 7, items: 690, truncated: true };
const ENVIRONMENT = { environment_id: 'env_1', environment_name: fresh.environment.name };

describe('createPollLog', () => {
  it('reads that succeed as before are not logged', () => {
    expect(lines(fresh, well, well)).toEqual([]);
  });

  it('writes one line when an environment starts to fail, with what to do', () => {
    expect(lines(fresh, failed, failed, failed)).toMatchObject([
      {
        level: 'warn',
        message: 'environment cannot be read',
        event: 'environment.failing',
        environment_id: 'env_1',
        operation: 'list',
        reason: 'unauthorized',
        http_status: 401,
        request_id: 'req_failed',
        remedy: 'do this',
        since: '1970-01-01T00:01:00.000Z',
      },
    ]);
  });

  it('says how long it lasted when it is over', () => {
    expect(lines(failed, well)).toEqual([
      {
        level: 'info',
        message: 'environment can be read again',
        event: 'environment.recovered',
        ...ENVIRONMENT,
        operation: 'list',
        reason: 'unauthorized',
        outage_seconds: 30,
      },
    ]);
  });

  it.each<[string, Array<EnvironmentState | undefined>, object[]]>([
    ['has no order yet', [undefined, read({}), read({})], []],
    ['has an order', [read({}), read({ mode: 'newest' }), read({ mode: 'newest' })], [{ order: 'newest' }]],
    ['has another order', [read({ mode: 'newest' }), read({ mode: 'none' })], [{ order: 'none' }]],
    ['has an order at the first read', [undefined, read({ mode: 'oldest' })], [{ order: 'oldest' }]],
    ['has never been read', [undefined, fresh, fresh], []],
  ])('says once, for a list that %s, what order is learned', (_name, steps, expected) => {
    const line = { level: 'info', event: 'list.order_learned', ...ENVIRONMENT, operation: 'list' };
    const all = expected.map((order) => ({ ...line, ...order, message: 'the order of the list is now known' }));
    expect(lines(...steps)).toEqual(all);
  });

  it.each<[string, Array<EnvironmentState | undefined>, object[]]>([
    [
      'is longer than the cap',
      [read({}), read({ lastFullRead: cut }), read({ lastFullRead: cut })],
      [{ message: 'the list is longer than poll.max_list_pages', remedy: expect.stringContaining('Raise') }],
    ],
    [
      'leads back',
      [undefined, read({ lastFullRead: { ...cut, chainBroken: true } })],
      [
        {
          message: "the list's pages do not lead to its end",
          remedy: expect.stringContaining('contradict each other'),
        },
      ],
    ],
    [
      'shows more items than there is memory for',
      [undefined, read({ lastFullRead: { ...cut, chainBroken: true, roomless: true } })],
      [
        {
          message: 'the list shows more items than the exporter has memory for',
          remedy: expect.stringContaining('50,000'),
        },
      ],
    ],
    ['was longer than the cap', [read({ lastFullRead: cut }), read({})], []],
    ['was not read whole yet', [undefined, read({ lastFullRead: null })], []],
  ])('says once of a list that %s how much of it is read', (_name, steps, expected) => {
    const line = { level: 'warn', event: 'list.truncated', ...ENVIRONMENT, operation: 'list', pages: 7, items: 690 };
    expect(lines(...steps)).toEqual(expected.map((rest) => ({ ...line, ...rest })));
  });

  it('says when the budget becomes too small and when it is enough again, and nothing between', () => {
    const steps = [
      { idle: 1, active: 1 },
      { idle: 1.2, active: 1 },
      { idle: 4, active: 1.3 },
      { idle: 1, active: 1 },
      { idle: 1, active: 1.456 },
      { idle: 1, active: 1 },
    ];
    const all = written((log) => {
      for (let n = 1; n < steps.length; n++) log.intervalsScaled('default', steps[n - 1]!, steps[n]!);
    });
    const stretched = {
      level: 'warn',
      message: 'the budget is too small for the configured intervals',
      event: 'budget.stretched',
      connection: 'default',
      remedy: expect.stringContaining('Raise requests_per_minute'),
    };
    const relaxed = {
      level: 'info',
      message: 'the budget is enough again',
      event: 'budget.relaxed',
      connection: 'default',
      stretch_factor_idle: 1,
      stretch_factor_active: 1,
    };
    expect(all).toEqual([
      { ...stretched, stretch_factor_idle: 1.2, stretch_factor_active: 1 },
      relaxed,
      { ...stretched, stretch_factor_idle: 1, stretch_factor_active: 1.46 },
      relaxed,
    ]);
  });
});
