import { expect, it } from 'vitest';
import type { Condition } from '../../../../src/conditions/condition.ts';
import { causesOf } from '../../../../src/server/page/view/cause.ts';
import { condition } from '../page-facts.ts';

const ofConnection = (name: string, change: Partial<Condition> = {}) =>
  condition(null, { alert: 'AnthropicWorkApiUnreachable', subject: { kind: 'connection', name }, ...change });

it('is one for all environments of an alert in the same phase, with their number', () => {
  const [a, b, later] = [condition('a'), condition('b'), condition('c', { phase: 'pending' })];
  expect(causesOf([a, later, b])).toEqual([
    expect.objectContaining({ conditions: [a, b], text: 'Work waits without workers: 2 environments', name: null }),
    expect.objectContaining({ conditions: [later], text: later.summary, name: 'c' }),
  ]);
});

it('is one for each connection, each series and each severity', () => {
  const conditions = [
    ofConnection('a'),
    ofConnection('b'),
    ofConnection('b', { labels: { credential: 'other' } }),
    ofConnection('b', { severity: 'warning' }),
  ];
  expect(causesOf(conditions).map(({ first }) => first)).toEqual(conditions);
});

it('a cause that needs nobody is left out', () => {
  expect(causesOf([condition('a', { severity: 'info' }), condition('b', { severity: 'none' })])).toEqual([]);
});

it('has a key of its own, which does not depend on other causes', () => {
  const firing = condition('a');
  const pending = condition('b', { phase: 'pending' });
  const recovering = condition('c', { phase: 'recovering' });
  const keys = (...conditions: readonly Condition[]) => causesOf(conditions).map(({ key }) => key);
  expect(keys(firing, pending, recovering)).toEqual([
    'AnthropicWorkNoWorkers critical',
    'AnthropicWorkNoWorkers critical 1',
    'AnthropicWorkNoWorkers critical 2',
  ]);
  expect(keys(ofConnection('a'), ofConnection('b'))).toEqual([
    'AnthropicWorkApiUnreachable critical a',
    'AnthropicWorkApiUnreachable critical b',
  ]);
  expect(keys(ofConnection('b'))).toEqual(['AnthropicWorkApiUnreachable critical b']);
});
