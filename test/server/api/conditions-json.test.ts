import { expect, it } from 'vitest';
import type { Condition } from '../../../src/diagnosis/report.ts';
import { environmentsJson } from '../../../src/server/api/environments-json.ts';
import { CLEAR, condition, EXPLAINED, ofConnection, PENDING, reportOf } from '../../support/reports.ts';
import { buildState, NOW } from '../../support/states.ts';

const answer = (...conditions: readonly Condition[]) =>
  environmentsJson([buildState('env_1'), buildState('env_2')], {
    ...{ now: NOW, shard: '0/1', skewMs: () => 0, report: reportOf(...conditions) },
  });

it('a condition that holds, field by field', () => {
  expect(answer(condition('1')).environments[0]!.conditions).toEqual([
    {
      condition: 'no_workers',
      alert: 'AnthropicWorkNoWorkers',
      severity: 'critical',
      state: 'firing',
      connection: null,
      environments: ['env_1'],
      since: '2026-11-24T11:55:00.000Z',
      fires_at: null,
      evidence: '3 items wait, the oldest for 5m 12s; nobody polls',
      summary: '1: work waits, and nobody takes it',
      remedy: expect.stringContaining('Users wait.'),
      explained_by: null,
    },
  ]);
});

it('the gravest comes first, with when it will fire or what explains it; what is clear or not known is left out', () => {
  const old = condition('1', { name: 'oldest_item_too_old', severity: 'warning' });
  const [one] = answer(
    { ...old, ...EXPLAINED },
    condition('1', { name: 'runs_lost', ...PENDING }),
    condition('1', { name: 'item_stuck', ...CLEAR }),
    condition('1', { name: 'session_waiting', ...CLEAR, value: null }),
    condition('1', { phase: 'ending' }),
  ).environments;
  expect(one!.conditions).toMatchObject([
    { condition: 'no_workers', state: 'ending', fires_at: null },
    { condition: 'runs_lost', state: 'pending', fires_at: '2026-11-24T12:01:00.000Z' },
    { condition: 'oldest_item_too_old', state: 'explained', explained_by: 'no_workers' },
  ]);
});

it('what is about no watched environment stands at the top: connections, and environments that have left', () => {
  const { conditions, environments } = answer(
    ofConnection('default', ['env_1', 'env_2']),
    condition('gone'),
    condition('2'),
  );
  expect(conditions).toMatchObject([
    { condition: 'api_unreachable', connection: 'default', environments: ['env_1', 'env_2'] },
    { condition: 'no_workers', environments: ['env_gone'] },
  ]);
  expect(environments.map((one) => one.conditions.length)).toEqual([0, 1]);
});
