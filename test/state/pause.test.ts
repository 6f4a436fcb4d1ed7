import { expect, it } from 'vitest';
import { heldBackUntil, nextAttemptAt } from '../../src/state/staleness.ts';
import { buildOperation, buildState, NOW } from '../support/states.ts';

const [SOON, LATER] = [NOW + 10_000, NOW + 60_000];

/** The stats of an environment whose connection is paused until then, or not. */
function paused(pausedUntil: number | null, stats: { nextAttemptAt?: number | null; backoffUntil?: number | null }) {
  return buildState('env_1', { pausedUntil, operations: { stats: buildOperation(stats), list: buildOperation() } });
}

it.each([
  ['as planned, without a pause', null, SOON, SOON],
  ['as planned, if the pause is over before', SOON, LATER, LATER],
  ['when the pause is over, if that is later', LATER, SOON, LATER],
  ['never, if nothing is planned', LATER, null, null],
])('an operation is tried next %s', (_, pausedUntil, planned, expected) => {
  expect(nextAttemptAt(paused(pausedUntil, { nextAttemptAt: planned }), 'stats')).toBe(expected);
});

it.each([
  ['by nothing', null, null, null],
  ['by a pause of its connection alone', LATER, null, LATER],
  ['by its own failures alone', null, SOON, SOON],
  ['by both: until the later end, of the pause', LATER, SOON, LATER],
  ['by both: until the later end, of its own failures', SOON, LATER, LATER],
])('an operation is held back %s', (_, pausedUntil, backoffUntil, expected) => {
  expect(heldBackUntil(paused(pausedUntil, { backoffUntil }), 'stats')).toBe(expected);
});
