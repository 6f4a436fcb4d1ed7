import { describe, expect, it } from 'vitest';
import { type Counted, counted, NO_ENQUEUE_STAMPS, type Row } from './first-rows.ts';

describe('an item in the first seconds around W', () => {
  it.each<[what: string, row: Row, events: Counted, allLiveKnown?: boolean]>([
    ['was created just after W', { created: 0.001, enqueued: 0.1 }, { created: 1 }],
    ['was created at W', { created: 0, enqueued: 0.1 }, {}],
    [
      'was created less than a second before W, which every read would have shown',
      { created: -0.999, enqueued: -0.9 },
      { created: 1 },
      true,
    ],
    ['was created less than a second before W, and reads may have missed it', { created: -0.999, enqueued: -0.9 }, {}],
    ['was created a second before W', { created: -1, enqueued: -0.9 }, {}, true],
    [
      'was created less than a second before W, and its enqueue stamp is of a later run',
      { created: -0.999, enqueued: 9.002 },
      { requeued: 1 },
      true,
    ],
    [
      'was created just after W, which every read would have shown',
      { created: 0.5, enqueued: 0.6 },
      { created: 1 },
      true,
    ],
    ['was queued ten seconds after its creation', { created: 0, enqueued: 10 }, {}],
    ['was queued more than ten seconds after its creation at W', { created: 0, enqueued: 10.001 }, { requeued: 1 }],
    [
      'was queued more than ten seconds after its creation, after W',
      { created: 0.001, enqueued: 10.002 },
      { created: 1 },
    ],
  ])('%s', (_, row, events, allLiveKnown = false) => {
    expect(counted([{ ...row, state: 'queued' }], { enqueueStamps: true, allLiveKnown })).toEqual(events);
  });

  it.each<[what: string, row: Row, events: Counted]>([
    ['waits since a stop at W', { state: 'queued', stopped: 0 }, {}],
    ['waits since a stop after W', { state: 'queued', stopped: 0.001 }, { requeued: 1, stopped: 1 }],
    ['was acknowledged at W, after a stop', { acknowledged: 0, stopped: -5 }, {}],
    [
      'was acknowledged after W, after a stop',
      { acknowledged: 0.001, stopped: -5 },
      { acknowledged: 1, requeued: 1, wait: 5.001 },
    ],
    [
      'is in an unknown state and was acknowledged after a stop',
      { state: 'other', acknowledged: 20, stopped: 10 },
      { acknowledged: 1, requeued: 1, stopped: 1, wait: 10 },
    ],
    [
      'is in an unknown state and was stopped at its acknowledgement',
      { state: 'other', acknowledged: 10, stopped: 10 },
      { acknowledged: 1, stopped: 1, wait: 'unknown', run: 0 },
    ],
  ])('where no stamp tells of runs: %s', (_, row, events) => {
    expect(counted([row], NO_ENQUEUE_STAMPS)).toEqual(events);
  });
});
