import { expect, it } from 'vitest';
import type { Condition, ConditionSubject } from '../../../src/conditions/condition.ts';
import { environmentsJson } from '../../../src/server/api/environments-json.ts';
import { buildState, NOW } from '../../support/states.ts';

function condition(subject: ConditionSubject): Condition {
  return {
    ...{ alert: 'AnthropicWorkNoWorkers', severity: 'critical', phase: 'firing', subject, labels: {} },
    ...{
      environments: subject.kind === 'environment' ? [subject.id] : [],
      since: NOW - 60_000,
      firesAt: NOW - 30_000,
      value: 3,
    },
    ...{ summary: 'no workers', description: 'Start one.' },
  };
}

it.each<[string, ConditionSubject, 'top' | 'environment']>([
  ['a watched environment', { kind: 'environment', id: 'env_1', name: 'prod' }, 'environment'],
  ['another watched environment of that name', { kind: 'environment', id: 'env_2', name: 'prod' }, 'environment'],
  ['an environment that is no longer watched', { kind: 'environment', id: 'env_gone', name: 'prod' }, 'top'],
  ['a connection', { kind: 'connection', name: 'default' }, 'top'],
  ['the exporter', { kind: 'exporter' }, 'top'],
])('the alert of %s stands in one place', (_name, subject, place) => {
  const report = { evaluatedAt: NOW, conditions: [condition(subject)] };
  const json = environmentsJson([buildState('env_1'), buildState('env_2')], {
    ...{ now: NOW, shard: '0/1', skewMs: () => 0, report },
  });
  const ids = json.environments.filter(({ conditions }) => conditions.length > 0).map(({ id }) => id);
  expect(json.conditions).toHaveLength(place === 'top' ? 1 : 0);
  expect(ids).toEqual(place === 'top' ? [] : [(subject as { id: string }).id]);
});
