import { describe, expect, it } from 'vitest';
import type { Condition } from '../../../../src/conditions/condition.ts';
import { environmentView } from '../../../../src/server/page/view/environment-view.ts';
import type { Level } from '../../../../src/server/page/view/level.ts';
import type { EnvironmentState } from '../../../../src/state/environment-state.ts';
import {
  buildItems,
  buildOperation,
  buildState,
  failingOperation,
  NOW,
  untriedOperation,
} from '../../../support/states.ts';
import { condition, viewOf } from '../page-facts.ts';

const NO_KEY = buildOperation({ attempted: false });
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
    const view = viewOf('prod', change);
    expect(view.unreadableText).toBe(words);
    expect(view.level === 'unreadable').toBe(words !== null);
  });
});

describe('the level of an environment', () => {
  const blind = { ...operations(failingOperation('timeout')), ...OLD };
  const starting = { ...operations(untriedOperation(), untriedOperation()), ...OLD };
  const cut = { items: buildItems([], { lastFullRead: { at: NOW, pages: 9, items: 9, truncated: true } }) };
  const warning = { severity: 'warning' } as const;
  const pending = { phase: 'pending' } as const;

  it.each<[Level, string, Partial<EnvironmentState>, readonly Partial<Condition>[]]>([
    ['critical', 'a page is firing', {}, [warning, {}]],
    ['critical', 'a page is firing, and nothing can be read', blind, [{}]],
    ['unreadable', 'a warning is firing, and nothing can be read', blind, [warning]],
    ['unreadable', 'a page is coming, and nothing can be read', blind, [pending]],
    ['warning', 'a warning is firing, and a page is coming', {}, [warning, pending]],
    ['pending', 'a page is coming', {}, [pending]],
    ['pending', 'a warning is coming, and nothing was read yet', starting, [{ ...warning, ...pending }]],
    ['starting', 'nothing was read yet', starting, []],
    ['notice', 'the list was cut', cut, []],
    ['ok', 'no alert is firing', {}, []],
    ['ok', 'an alert of another severity is firing', {}, [{ severity: 'info' }]],
  ])('is %s when %s', (level, _situation, change, conditions) => {
    const view = viewOf(
      'prod',
      change,
      conditions.map((one) => condition('prod', one)),
    );
    expect(view.level).toBe(level);
  });

  it('is unjudged before any alert was evaluated, unless it is known without', () => {
    const levels = [{}, starting, cut, blind].map(
      (change) => environmentView(buildState('env_1', change), { now: NOW, skewMs: 0 }, { evaluated: false }).level,
    );
    expect(levels).toEqual(['unjudged', 'starting', 'notice', 'unreadable']);
  });
});

describe('when an environment was last read', () => {
  const early = { lastSuccessAt: NOW - 60_000 };
  it.each<[string, Partial<EnvironmentState>, number | null]>([
    ['as stats were', operations(buildOperation(early), buildOperation()), NOW - 60_000],
    ['as the list was, without a key for stats', operations(NO_KEY, buildOperation(early)), NOW - 60_000],
    ['never, as stats were not', operations(untriedOperation(), buildOperation(early)), null],
  ])('is %s', (_situation, change, at) => {
    expect(viewOf('prod', change).lastReadAt).toBe(at);
  });
});

function operations(stats = buildOperation(), list = buildOperation()): Pick<EnvironmentState, 'operations'> {
  return { operations: { stats, list } };
}
