import { describe, expect, it } from 'vitest';
import { environmentView } from '../../../../src/server/page/view/environment-view.ts';
import type { EnvironmentState } from '../../../../src/state/environment-state.ts';
import { reportOf } from '../../../support/reports.ts';
import { buildOperation, failingOperation, NOW, untriedOperation } from '../../../support/states.ts';
import { stateOf } from '../page-facts.ts';

const NO_KEY = buildOperation({ attempted: false });
const viewOf = (change: Partial<EnvironmentState>) =>
  environmentView(stateOf('prod', change), { now: NOW, skewMs: 0 }, reportOf());
const OLD = { queue: null, items: null };

describe('why a queue is unknown', () => {
  it.each<[string, Partial<EnvironmentState>, string | null]>([
    ['all is well', {}, null],
    ['stats fail, and what was read is shown', operations(failingOperation('timeout')), null],
    ['nothing has a key', { ...operations(NO_KEY, NO_KEY), ...OLD }, 'no key'],
    ['what both reads showed is too old', OLD, 'the last answer is too old'],
    [
      'what stats showed is too old, without a key for the list',
      { ...operations(buildOperation(), NO_KEY), ...OLD },
      'the last answer is too old',
    ],
    [
      'what the list showed is too old, without a key for stats',
      { ...operations(NO_KEY), ...OLD },
      'the last answer is too old',
    ],
    ['stats fail', { ...operations(failingOperation('timeout')), ...OLD }, 'the API does not answer in time'],
    [
      'only the list fails',
      { ...operations(buildOperation(), failingOperation('timeout')), ...OLD },
      'the API does not answer in time',
    ],
    [
      'both fail: what stats say',
      { ...operations(failingOperation('timeout'), failingOperation('network')), ...OLD },
      'the API does not answer in time',
    ],
    [
      'what fails has no key any more',
      { ...operations(failingOperation('timeout', { attempted: false }), failingOperation('network')), ...OLD },
      'the API cannot be reached',
    ],
    ['it is not a self-hosted one', operations(failingOperation('not_self_hosted')), 'not a self-hosted environment'],
    ['nothing was read yet', { ...operations(untriedOperation(), untriedOperation()), ...OLD }, null],
  ])('%s', (_situation, change, words) => {
    const view = viewOf(change);
    expect(view.unreadableText).toBe(words);
    expect(view.level === 'unreadable').toBe(words !== null);
  });
});

describe('when an environment was last read', () => {
  const early = { lastSuccessAt: NOW - 60_000 };
  it.each<[string, Partial<EnvironmentState>, number | null]>([
    ['as stats were', operations(buildOperation(early), buildOperation()), NOW - 60_000],
    ['as the list was, without a key for stats', operations(NO_KEY, buildOperation(early)), NOW - 60_000],
    ['never, as stats were not', operations(untriedOperation(), buildOperation(early)), null],
  ])('is %s', (_situation, change, at) => {
    expect(viewOf(change).lastReadAt).toBe(at);
  });
});

function operations(stats = buildOperation(), list = buildOperation()): Pick<EnvironmentState, 'operations'> {
  return { operations: { stats, list } };
}
