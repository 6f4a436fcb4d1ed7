import { expect, it } from 'vitest';
import { observeEnvironment } from '../../src/app/facts.ts';
import type { EnvironmentState } from '../../src/state/environment-state.ts';
import { countedTotals } from '../support/expositions.ts';
import {
  buildEnvironment,
  buildItem,
  buildItems,
  buildOperation,
  buildSessions,
  buildState,
  buildStats,
  failingOperation,
  longRun,
  NOW,
} from '../support/states.ts';

const MOMENT = { now: NOW, monotonic: 100_000, skewMs: 0, isPaused: false };
/** The API's time of the list read. */
const READ = NOW - 5000;
const OLD = NOW - 91_000;
const READABLE = buildOperation();
const KEYLESS = buildOperation({ attempted: false });

const ago = (seconds: number) => READ - seconds * 1000;
const running = (id: string, acknowledged: number, beat: number | null, state: 'active' | 'starting' = 'active') =>
  buildItem(id, { state, acknowledgedAt: ago(acknowledged), latestHeartbeatAt: beat === null ? null : ago(beat) });
const delivered = (id: string, deliveries: number) => ({ ...running(id, 10, 1), deliveries });
const queue = (change: Parameters<typeof buildStats>[0], observedAt = READ) => ({
  queue: { observedAt, stats: buildStats(change) },
});
const items = (...args: Parameters<typeof buildItems>) => ({ items: buildItems(...args) });

const [{ lastFullRead }, { thresholds }] = [buildItems(), buildEnvironment()];
const sooner = buildEnvironment('env_1', { thresholds: { ...thresholds, staleHeartbeatSeconds: 50 } });
const waiting = items(['asks', 'done', 'over'].map((id) => longRun(id)));
const sessions = buildSessions({
  asks: ['idle', 'requires_action', NOW - 60_000],
  done: ['idle', 'end_turn', NOW - 90_000],
  over: ['terminated', null, NOW - 30_000],
});
const ledger = countedTotals({ acknowledged: 7, losses: { endedWell: 0, lost: [NOW, NOW] } });
const failing = { stats: failingOperation('timeout'), list: failingOperation('unauthorized') };

const ROWS: readonly [
  what: string,
  change: Partial<EnvironmentState>,
  facts: object,
  moment?: Partial<typeof MOMENT>,
][] = [
  [
    'a queue whose age grows',
    queue({ pending: 2 }),
    { queue: { waiting: 5, pending: 2, ageSeconds: 12.4, polling: 2 } },
  ],
  ['on the clock of the API', queue({}), { queue: { ageSeconds: 72.4 } }, { skewMs: 60_000 }],
  ['an empty queue without an oldest item', queue({ depth: 0 }), { queue: { ageSeconds: 0, head: null } }],
  [
    'as unknown what the API does not tell',
    queue({ oldestQueuedAt: null, workersPolling: null }),
    { queue: { ageSeconds: null, polling: null } },
  ],
  ['no queue that is too old to be shown', queue({}, OLD), { queue: null }],
  ['no queue that no key reads', { operations: { stats: KEYLESS, list: READABLE } }, { queue: null }],
  [
    'items as the read showed them',
    items([
      ...[running('beats', 600, 20), running('hung', 700, 130), running('gone', 800, 170)],
      ...[running('young', 90, null, 'starting'), running('frozen', 310, null, 'starting')],
      buildItem('waits', { createdAt: ago(40) }),
    ]),
    {
      items: {
        ...{ alive: 2, stale: 2, silent: 1, frozen: 1 },
        ...{ queuedSeconds: 40, startingSeconds: 310, activeSeconds: 800 },
      },
    },
  ],
  [
    'silence sooner where heartbeats are stale sooner',
    { ...items([running('a', 600, 69), running('b', 600, 71)]), environment: sooner },
    { items: { stale: 2, silent: 1 } },
  ],
  ['redelivery from the threshold on', items([delivered('a', 3), delivered('b', 4)]), { items: { redelivered: 1 } }],
  [
    'no items of a list that is cut',
    items([], { lastFullRead: { ...lastFullRead!, truncated: true } }),
    { items: null, isTruncated: true },
  ],
  ['none of one not read to its end yet', items([], { lastFullRead: null }), { items: null, isTruncated: false }],
  ['none of one that is too old', items([], { observedAt: OLD }), { items: null }],
  [
    'sessions that wait for somebody, or have ended',
    { ...waiting, sessions },
    { items: { sessionWaitSeconds: 60, endedSessions: 1, endedSessionSeconds: 30 } },
  ],
  [
    'no sessions that were read long ago',
    { ...waiting, sessions: { ...sessions, lastReadAt: NOW - 3_600_000 } },
    { items: { sessionWaitSeconds: null, endedSessions: 0 } },
  ],
  [
    'reads as old as the monotonic clock says, whatever the wall clock was set to',
    { operations: { stats: buildOperation({ unreadSince: 90_000 }), list: READABLE } },
    { stats: { unreadSeconds: 10, hasSucceeded: true, failure: null } },
    { now: NOW + 86_400_000 },
  ],
  ['why reads fail', { operations: failing }, { stats: { failure: 'timeout' }, list: { failure: 'unauthorized' } }],
  [
    'a pause, but for a key that is refused',
    { operations: failing },
    { stats: { failure: 'rate_limited' }, list: { failure: 'unauthorized' } },
    { isPaused: true },
  ],
  [
    'totals also while the list fails',
    { ledger, operations: { stats: READABLE, list: failingOperation('network') } },
    { totals: { acknowledged: 7, lostInARow: 2, runs: 0 } },
  ],
  ['none without a key for it', { ledger, operations: { stats: READABLE, list: KEYLESS } }, { totals: null }],
];

it.each(ROWS)('a look shows %s', (_, change, facts, moment = {}) => {
  expect(observeEnvironment(buildState('env_1', change), { ...MOMENT, ...moment })).toMatchObject(facts);
});
