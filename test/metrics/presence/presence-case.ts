import type { EnvironmentState } from '../../../src/state/environment-state.ts';
import { buildSessions, longRun } from '../../support/sessions.ts';
import {
  buildEnvironment,
  buildItem,
  buildItems,
  buildOperation,
  buildState,
  NOW,
  untriedOperation,
} from '../../support/states.ts';

/** When a metric is there, and when it is not. */
export interface Case {
  /** States that show it, and its samples in short. */
  readonly present: readonly [state: EnvironmentState, samples: readonly string[]];
  /** What hides it: states, and perhaps a later moment. */
  readonly absent: { readonly states: readonly EnvironmentState[]; readonly now?: number };
}

export const NOW_SECONDS = NOW / 1000;
/** Long after the last read of `buildState`. */
const STALE = NOW + 600_000;

export const untried = buildState('env_1', {
  operations: { stats: untriedOperation(), list: untriedOperation() },
  queue: null,
  items: null,
});
export const withoutList = buildState('env_1', {
  operations: { stats: buildOperation(), list: untriedOperation({ attempted: false }) },
  items: null,
});

/** Items in each state, read long ago enough for some of them to be stale. */
export const busy = buildState('env_1', {
  environment: buildEnvironment('env_1', { metadata: { keys: ['team'], maxValues: 5 } }),
  items: buildItems(
    [
      buildItem('a', { metadata: { team: 'red' } }),
      buildItem('b', { state: 'starting', acknowledgedAt: NOW - 400_000 }),
      buildItem('c', { state: 'starting', acknowledgedAt: NOW - 10_000 }),
      buildItem('d', { state: 'active', acknowledgedAt: NOW - 50_000, latestHeartbeatAt: NOW - 125_001 }),
      buildItem('e', { state: 'active', acknowledgedAt: NOW - 60_000, latestHeartbeatAt: NOW - 125_000 }),
      buildItem('f', { state: 'stopping', stopRequestedAt: NOW - 7000, latestHeartbeatAt: NOW - 300_000 }),
      buildItem('g', { state: 'other', type: 'healthcheck' }),
    ],
    { lastFullRead: { at: NOW - 5000, pages: 3, items: 250, truncated: true }, mismatch: -2 },
  ),
});

/** Five long runs whose sessions were read, one of them in an earlier run, and an item that was delivered five times. */
export const progressing = buildState('env_1', {
  items: buildItems([
    longRun('runs'),
    longRun('turn-ended'),
    longRun('waits'),
    longRun('waits-longer', { deliveries: 5 }),
    longRun('other-run', { runAcknowledgedAt: NOW - 900_000 }),
    longRun('not-read'),
  ]),
  sessions: buildSessions(
    {
      runs: ['running'],
      'turn-ended': ['idle', 'end_turn', NOW - 20_000],
      waits: ['idle', 'requires_action', NOW - 2_000_000],
      'waits-longer': ['idle', 'requires_action', NOW - 3_000_000],
      'other-run': ['terminated'],
      ended: ['terminated'],
    },
    { requests: 7 },
  ),
});

/** Hides what goes on for as long as the environment is watched. */
export const never: Case['absent'] = { states: [] };
/** Hides what is too old. */
export const stale: Case['absent'] = { states: [busy], now: STALE };
