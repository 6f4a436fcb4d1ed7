import { describe, expect, it } from 'vitest';
import { type Counted, counted, ENQUEUE_STAMPS, NO_ENQUEUE_STAMPS, type Row } from './first-rows.ts';

const WAITING: Row = { state: 'queued', created: 10 };

describe('an item that was seen waiting, without an enqueue stamp', () => {
  it.each<[what: string, enqueued: number, durations: Counted]>([
    ['just before its acknowledgement', 54.5, { wait: 0.5 }],
    ['up to a second after it, as stamps of one transaction may be', 56, { wait: 0, clamped: 1 }],
    ['later, so that it is of another run', 56.001, { wait: 45 }],
  ])('and then has one: %s', (_, enqueued, durations) => {
    const rows = [WAITING, { created: 10, enqueued, acknowledged: 55 }];
    expect(counted(rows, ENQUEUE_STAMPS)).toEqual({ created: 1, acknowledged: 1, ...durations });
  });

  it.each<[what: string, acknowledged: number, durations: Counted]>([
    ['acknowledged before that stop', 54, { run: 1, wait: 44 }],
    ['acknowledged at that stop', 55, { run: 0, wait: 45 }],
    ['acknowledged after it', 55.001, { wait: 45.001 }],
  ])('and waits again after a stop: %s', (_, acknowledged, durations) => {
    const rows = [WAITING, { ...WAITING, acknowledged, stopped: 55 }];
    const events = { created: 1, acknowledged: 1, requeued: 1, stopped: 1 } as const;
    expect(counted(rows, NO_ENQUEUE_STAMPS)).toEqual({ ...events, ...durations });
  });
});

describe('an item that was seen at work, and is handed out again', () => {
  const first: Row = { created: 10, enqueued: 10, acknowledged: 11, stopRequested: 12 };

  it.each<[what: string, enqueued: number, durations: Counted]>([
    ['at the moment of its enqueue stamp', 55, { wait: 1, run: 3, stop: 3 }],
    ['up to a second before it, as stamps of one transaction may be', 56, { wait: 1, clamped: 1, run: 3, stop: 3 }],
    ['longer before it, so that the acknowledgement and the request are of a run between', 56.001, { wait: 6 }],
  ])('%s', (_, enqueued, durations) => {
    const rows: Row[] = [
      first,
      { state: 'stopped', created: 10, enqueued, acknowledged: 55, stopRequested: 55, stopped: 58 },
    ];
    expect(counted(rows, ENQUEUE_STAMPS)).toEqual({ created: 1, acknowledged: 2, lapsed: 1, stopped: 1, ...durations });
  });
});
