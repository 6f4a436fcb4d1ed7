import { expect, it } from 'vitest';
import { conditionsJson } from '../../../src/server/api/conditions-json.ts';
import type { ExceededThreshold } from '../../../src/server/api/threshold-alerts.ts';
import { NOW } from '../../support/states.ts';
import { condition } from '../page/page-facts.ts';

const EXCEEDED: ExceededThreshold = {
  threshold: 'queue_age',
  severity: 'critical',
  state: null,
  value: 320,
  limit: 300,
  since: NOW - 20_000,
  alert: 'AnthropicWorkNoWorkers',
};

it('shows the limit that an alert exceeds, with the present value', () => {
  expect(conditionsJson([condition('prod')], [EXCEEDED], 'env_prod')).toMatchObject([
    { alert: 'AnthropicWorkNoWorkers', state: 'firing', threshold: 'queue_age', value: 320, limit: 300 },
  ]);
});

it('shows no limit for an alert that compares with none, and not that of another alert or severity', () => {
  const others: ExceededThreshold[] = [
    { ...EXCEEDED, severity: 'warning' },
    { ...EXCEEDED, alert: 'AnthropicWorkOldestItemTooOld' },
  ];
  expect(conditionsJson([condition('prod')], others, 'env_prod')).toMatchObject([
    { alert: 'AnthropicWorkNoWorkers', state: 'firing', threshold: null, value: 312, limit: null },
    { alert: 'AnthropicWorkNoWorkers', severity: 'warning', state: 'exceeded', value: 320, limit: 300 },
    { alert: 'AnthropicWorkOldestItemTooOld', state: 'exceeded', environments: ['env_prod'], limit: 300 },
  ]);
});
