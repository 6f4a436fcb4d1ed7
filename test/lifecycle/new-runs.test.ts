import { describe, expect, it } from 'vitest';
import { type Counted, counted, ENQUEUE_STAMPS, NO_ENQUEUE_STAMPS, type Row } from './first-rows.ts';

type Case = readonly [what: string, before: Row, after: Row, more: Counted];

const WAITS: Row = { state: 'queued', created: 10, enqueued: 10 };
const WORKS: Row = { ...WAITS, state: 'active', acknowledged: 12, heartbeat: 45 };
const UNSTAMPED: Row = { state: 'active', created: 10, acknowledged: 12, heartbeat: 45 };
const ENDED: Row = { ...WORKS, state: 'stopped', stopped: 48 };
const UNDATED: Row = { ...WORKS, state: 'stopped' };

const EITHER: readonly Case[] = [
  ['a stopped item waits again', ENDED, { ...ENDED, state: 'queued' }, { requeued: 1 }],
  ['a stopped item waits again, whose stop had no date', UNDATED, { ...WORKS, state: 'queued' }, { requeued: 1 }],
  ['a stopped item is acknowledged again', ENDED, { ...ENDED, state: 'active', acknowledged: 55 }, { requeued: 1 }],
  ['a running item waits again', WORKS, { ...WORKS, state: 'queued' }, { lapsed: 1 }],
  ['a running item waits again, without stamps', WORKS, { state: 'queued', created: 10 }, { lapsed: 1 }],
  ['the acknowledgement was cleared, and with it the heartbeat', WORKS, { ...WAITS, state: 'starting' }, { lapsed: 1 }],
  ['the acknowledgement alone is lacking', WORKS, { ...WAITS, state: 'active', heartbeat: 45 }, {}],
  ['a waiting item has an acknowledgement and waits', WAITS, { ...WAITS, acknowledged: 55 }, { lapsed: 1 }],
  ['a waiting item has a stop and waits', WAITS, { ...WAITS, stopped: 55 }, { requeued: 1, stopped: 1 }],
  ['a running item has a stop and runs', WORKS, { ...WORKS, stopped: 55 }, { requeued: 1, stopped: 1 }],
  ['a waiting item is acknowledged', WAITS, { ...WORKS, acknowledged: 55 }, {}],
  ['a waiting item is stopped', WAITS, { ...WAITS, state: 'stopped', stopped: 55 }, { stopped: 1 }],
  ['a running item is stopped', WORKS, ENDED, { stopped: 1 }],
];

const STAMPED: readonly Case[] = [
  ['a running item has a later enqueue stamp', WORKS, { ...WORKS, enqueued: 52, acknowledged: 53 }, { lapsed: 1 }],
  [
    'a stopped item has a later enqueue stamp',
    ENDED,
    { ...ENDED, enqueued: 52, stopped: 53 },
    { requeued: 1, stopped: 1 },
  ],
  ['a running item shows its first enqueue stamp', UNSTAMPED, WORKS, {}],
  ['a running item has a later acknowledgement', WORKS, { ...WORKS, acknowledged: 55 }, {}],
];

const PLAIN: readonly Case[] = [
  ['a running item has a later acknowledgement', WORKS, { ...WORKS, acknowledged: 55 }, { lapsed: 1 }],
  ['a stopped item is stopped again', ENDED, { ...ENDED, stopped: 55 }, { requeued: 1, stopped: 1 }],
  ['a running item has a later started_at', WORKS, { ...WORKS, enqueued: 52 }, {}],
];

/** What the second row adds: requeues, lapses and stops. */
function added(before: Row, after: Row, service: typeof ENQUEUE_STAMPS): Counted {
  const kinds = ['requeued', 'lapsed', 'stopped'] as const;
  const [first, both] = [counted([before], service), counted([before, after], service)];
  const more = kinds.map((kind) => [kind, (both[kind] ?? 0) - (first[kind] ?? 0)] as const);
  return Object.fromEntries(more.filter(([, count]) => count !== 0));
}

describe('a row shows a new run, or none', () => {
  it.each([...EITHER, ...STAMPED])('where there are enqueue stamps: %s', (_, before, after, more) => {
    expect(added(before, after, ENQUEUE_STAMPS)).toEqual(more);
  });

  it.each([...EITHER, ...PLAIN])('where there are none: %s', (_, before, after, more) => {
    expect(added(before, after, NO_ENQUEUE_STAMPS)).toEqual(more);
  });
});

it.each<[what: string, created: number | undefined, events: Counted]>([
  ['after W', 0.001, { created: 1 }],
  ['at W, which is history', 0, {}],
  ['never', undefined, {}],
])('a creation that the first row did not show: %s', (_, created, events) => {
  const first: Row = { state: 'queued', created: null };
  const later: Row = { state: 'queued', created: created ?? null };
  expect(counted([first, later, later], NO_ENQUEUE_STAMPS)).toEqual(events);
});
