import { expect, it } from 'vitest';
import { exceeds, limitsOf, THRESHOLD_NAMES } from '../../src/domain/thresholds.ts';
import { buildEnvironment } from '../support/states.ts';

const { thresholds } = buildEnvironment();

it('every limit of the configuration, per severity or per state', () => {
  expect(Object.fromEntries(THRESHOLD_NAMES.map((name) => [name, limitsOf(name, thresholds)]))).toEqual({
    queue_age: [
      { severity: 'warning', state: null, value: 300 },
      { severity: 'critical', state: null, value: 900 },
    ],
    queue_depth: [
      { severity: 'warning', state: null, value: 100 },
      { severity: 'critical', state: null, value: Number.POSITIVE_INFINITY },
    ],
    stale_heartbeat_items: [
      { severity: 'warning', state: null, value: 1 },
      { severity: 'critical', state: null, value: Number.POSITIVE_INFINITY },
    ],
    state_age: [
      { severity: 'warning', state: 'starting', value: 300 },
      { severity: 'warning', state: 'active', value: Number.POSITIVE_INFINITY },
      { severity: 'warning', state: 'stopping', value: 120 },
    ],
    session_wait: [{ severity: 'warning', state: null, value: 1800 }],
    redeliveries: [{ severity: 'warning', state: null, value: 3 }],
    min_workers: [{ severity: 'warning', state: null, value: 0 }],
  });
});

it.each([
  ['queue_age', 300, 300, false],
  ['queue_age', 300.1, 300, true],
  ['queue_depth', 100, 100, false],
  ['stale_heartbeat_items', 1, 1, true],
  ['stale_heartbeat_items', 0, 1, false],
  ['state_age', 1e9, Number.POSITIVE_INFINITY, false],
  ['min_workers', 1, 2, true],
  ['min_workers', 2, 2, false],
  ['min_workers', 0, 0, false],
] as const)('%s: %d against %d is exceeded: %s, as in the alert', (name, value, limit, expected) => {
  expect(exceeds(name, value, limit)).toBe(expected);
});
