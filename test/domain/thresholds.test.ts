import { expect, it } from 'vitest';
import { limitsOf, THRESHOLDS, type ThresholdName } from '../../src/domain/thresholds.ts';
import { buildEnvironment } from '../support/states.ts';

const { thresholds } = buildEnvironment();

it('every limit of the configuration, per severity or per state', () => {
  expect(
    Object.fromEntries((Object.keys(THRESHOLDS) as ThresholdName[]).map((name) => [name, limitsOf(name, thresholds)])),
  ).toEqual({
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
