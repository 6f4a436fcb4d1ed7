import { describe, expect, it } from 'vitest';
import { type Counted, counted, ENQUEUE_STAMPS, NO_ENQUEUE_STAMPS, type Row } from './first-rows.ts';

describe('the wait that an acknowledgement ended, of which the first row of an item tells', () => {
  it.each<[what: string, row: Row, wait: Counted['wait'], more?: Counted]>([
    ['began with the enqueue stamp', { enqueued: 4, acknowledged: 10 }, 6],
    ['began with the creation, if that is later', { created: 5, enqueued: 4, acknowledged: 10 }, 5, { created: 1 }],
    [
      'was none: the enqueue stamp follows within a second',
      { created: 5, enqueued: 11, acknowledged: 10 },
      0,
      { created: 1, clamped: 1 },
    ],
    [
      'is that of an earlier run: a later enqueue stamp',
      { created: 5, enqueued: 11.001, acknowledged: 10 },
      5,
      { created: 1 },
    ],
    ['is that of an earlier run which began a minute before', { created: -50, enqueued: 20, acknowledged: 10 }, 60],
    [
      'is that of an earlier run which began longer before',
      { created: -50.001, enqueued: 20, acknowledged: 10 },
      'unknown',
    ],
    [
      'is that of an earlier run of an item without a creation',
      { created: null, enqueued: 20, acknowledged: 10 },
      'unknown',
    ],
  ])('%s', (_, row, wait, more = {}) => {
    const requeued = row.created === 5 || row.created === null ? {} : ({ requeued: 1 } as const);
    expect(counted([row], ENQUEUE_STAMPS)).toEqual({ acknowledged: 1, ...requeued, ...more, wait });
  });

  it.each<[what: string, row: Row, wait: Counted['wait'], more?: Counted]>([
    ['began with the creation', { created: 1, acknowledged: 30 }, 29, { created: 1 }],
    ['began with a creation just after W, long before', { created: 0.001, acknowledged: 90 }, 89.999, { created: 1 }],
    ['may have begun long after a creation at W', { created: 0, acknowledged: 90 }, 'unknown'],
    ['began within a minute after a creation before W', { created: -20, acknowledged: 40 }, 60],
    ['began after the stop of the run before', { stopped: -20, acknowledged: 40 }, 60, { requeued: 1 }],
    ['began longer after that stop', { stopped: -20.001, acknowledged: 40 }, 'unknown', { requeued: 1 }],
    [
      'was none: acknowledged when the run before stopped',
      { stopped: 40, acknowledged: 40 },
      0,
      { requeued: 1, stopped: 1, run: 0 },
    ],
    [
      'began with the creation, if that is later than the stop',
      { created: 10, stopped: 5, acknowledged: 30 },
      20,
      { created: 1, requeued: 1, stopped: 1 },
    ],
    ['cannot be told without a creation', { created: null, acknowledged: 10 }, 'unknown'],
    [
      'cannot be told of a stopped item that was created long before',
      { state: 'stopped', acknowledged: 30, stopped: 20 },
      'unknown',
      { stopped: 1, run: 0, clamped: 1 },
    ],
  ])('where no stamp tells of runs: %s', (_, row, wait, more = {}) => {
    expect(counted([row], NO_ENQUEUE_STAMPS)).toEqual({ acknowledged: 1, ...more, wait });
  });
});

describe('a waiting item of which the first row tells, acknowledged 20 s after that row', () => {
  it.each<[what: string, row: Row, wait: Counted['wait'], more?: Counted]>([
    ['waits since its creation', { created: 1 }, 69, { created: 1 }],
    ['waits since its stop or up to a minute less', { stopped: -10 }, 80],
    ['waits since its stop or longer less', { stopped: -10.001 }, 'unknown'],
  ])('%s', (_, row, wait, more = {}) => {
    const waiting = { ...row, state: 'queued' } as const;
    expect(counted([waiting, { ...row, acknowledged: 70 }], NO_ENQUEUE_STAMPS)).toEqual({
      acknowledged: 1,
      ...more,
      wait,
    });
  });
});

describe('the stop of which the first row of an item tells', () => {
  it.each<[what: string, row: Row, durations: Counted]>([
    ['of a run', { enqueued: 9, acknowledged: 10, stopped: 30 }, { wait: 1, run: 20 }],
    [
      'of a run whose enqueue stamp is a second late',
      { enqueued: 11, acknowledged: 10, stopped: 30 },
      { wait: 0, run: 20, clamped: 1 },
    ],
    ['of a run that had just been queued', { enqueued: 10, acknowledged: 10.5, stopped: 30 }, { wait: 0.5, run: 19.5 }],
    ['of a run that has no acknowledgement', { enqueued: 9, stopped: 30 }, {}],
    [
      'while it waited, with the acknowledgement of the run before',
      { enqueued: 11.001, acknowledged: 10, stopped: 30 },
      { wait: 'unknown' },
    ],
    [
      'when it was queued, with the acknowledgement of the run before',
      { enqueued: 30, acknowledged: 10, stopped: 30 },
      { wait: 'unknown' },
    ],
    [
      'before its enqueue stamp: of a run before that',
      { enqueued: 30.001, acknowledged: 10, stopped: 30 },
      { wait: 'unknown', run: 20 },
    ],
    ['that was asked for', { enqueued: 20, stopRequested: 25, stopped: 30 }, { stop: 5 }],
    ['that was asked for in the run before', { enqueued: 20, stopRequested: 18, stopped: 30 }, {}],
  ])('%s', (_, row, durations) => {
    const expected = {
      ...(row.acknowledged === undefined ? {} : { acknowledged: 1 }),
      requeued: 1,
      stopped: 1,
      ...durations,
    };
    expect(counted([{ ...row, state: 'stopped' }], ENQUEUE_STAMPS)).toEqual(expected);
  });

  it.each<[what: string, row: Row, durations: Counted]>([
    [
      'of an earlier run',
      { state: 'queued', acknowledged: 10, stopped: 30 },
      { acknowledged: 1, run: 20, wait: 'unknown' },
    ],
    [
      'of an earlier run that stopped at once',
      { state: 'queued', acknowledged: 30, stopped: 30 },
      { acknowledged: 1, run: 0, wait: 'unknown' },
    ],
    [
      'of an earlier run, with the acknowledgement of the present one',
      { acknowledged: 30, stopped: 20 },
      { acknowledged: 1, wait: 10 },
    ],
    ['of an earlier run that was asked to stop', { state: 'queued', stopRequested: 10, stopped: 12 }, { stop: 2 }],
    ['of an earlier run, and the present one is asked to stop', { stopRequested: 30, stopped: 20 }, {}],
  ])('where no stamp tells of runs: %s', (_, row, durations) => {
    expect(counted([row], NO_ENQUEUE_STAMPS)).toEqual({ requeued: 1, stopped: 1, ...durations });
  });

  it.each([
    ['at W, when it would be known', 0, {}],
    ['after W', 0.001, { acknowledged: 1, wait: 'unknown', run: 19.999 }],
  ])('of a run that was acknowledged %s', (_, acknowledged, durations) => {
    const row = { state: 'stopped', acknowledged, stopped: 20 } as const;
    const options = { ...NO_ENQUEUE_STAMPS, allLiveKnown: true };
    expect(counted([row], options)).toEqual({ requeued: 1, stopped: 1, ...durations });
  });
});
