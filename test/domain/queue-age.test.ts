import { expect, it } from 'vitest';
import { queueAgeMs } from '../../src/domain/work.ts';
import { buildStats, NOW } from '../support/states.ts';

it.each([
  ['nothing waits', { depth: 0, pending: 0, oldestQueuedAt: null }, 0],
  ['nothing waits, and a stamp is left over', { depth: 0, pending: 0, oldestQueuedAt: NOW - 5_000 }, 0],
  ['items are queued', { depth: 2, pending: 0, oldestQueuedAt: NOW - 5_000 }, 5_000],
  ['items are handed out and not acknowledged', { depth: 0, pending: 2, oldestQueuedAt: NOW - 5_000 }, 5_000],
  ['as many are queued as handed out', { depth: 2, pending: 2, oldestQueuedAt: NOW - 5_000 }, 5_000],
  ['work waits, and the API does not say since when', { depth: 0, pending: 1, oldestQueuedAt: null }, null],
  ['the stamp is a minute ahead, as between two clocks', { depth: 1, oldestQueuedAt: NOW + 60_000 }, 0],
  ['the stamp is further ahead than clocks differ', { depth: 1, oldestQueuedAt: NOW + 60_001 }, null],
])('how long the oldest item has waited: %s', (_, stats, age) => {
  expect(queueAgeMs(buildStats(stats), NOW)).toBe(age);
});
