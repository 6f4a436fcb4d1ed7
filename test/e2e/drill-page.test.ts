import { afterAll, beforeAll, expect, it } from 'vitest';
import { timelineOf } from '../../src/cli/drill/drill-timeline.ts';
import { DEFAULT_RULE_OPTIONS } from '../../src/rules/options.ts';
import { simulatedApi } from '../support/simulated-api.ts';
import { waitUntil } from '../support/wait-until.ts';
import { AlertingRig } from './alerting-rig.ts';

const PATIENCE_MS = 60_000;
const job = DEFAULT_RULE_OPTIONS.job;

const rig = new AlertingRig();
afterAll(() => rig[Symbol.asyncDispose]());

beforeAll(async () => {
  const api = rig.resources.use(await simulatedApi({ environments: 1 }));
  await rig.start({
    api: { base_url: api.url, api_key: api.apiKey, requests_per_minute: 10_000 },
    // The simulated queue has been without workers for a minute when the drill begins: over half of this.
    thresholds: { queue_age: { warning: '70s', critical: 'never' } },
    slo: { queue_wait_target: 'never' },
    environments: api.environments.map(({ id, name, environmentKey }) => ({
      id,
      name,
      environment_key: environmentKey,
    })),
  });
});

it('a drill brings its page through the real Prometheus and Alertmanager, and its end resolves it', {
  timeout: 2 * PATIENCE_MS + 10_000,
}, async () => {
  const drill = (method: string, body: string | null) => fetch(`${rig.exporterUrl}/-/drill`, { method, body });
  expect((await drill('POST', '{"scenario":"no-workers"}')).status).toBe(200);
  const expected = timelineOf('no-workers').map(({ alert, severity }) => `${alert} ${severity}`);
  const page = { receiver: 'pager', group: { job, environment_id: 'env_drill_no-workers' }, alerts: expected };
  await waitUntil(() => rig.seen('firing').length > 0, { what: 'the page', timeoutMs: PATIENCE_MS });
  expect(rig.pages()).toEqual([{ ...page, status: 'firing' }]);

  expect((await drill('DELETE', null)).status).toBe(200);
  await waitUntil(() => rig.seen('resolved').length > 0, { what: 'its end', timeoutMs: PATIENCE_MS });
  expect(rig.pages()).toEqual([
    { ...page, status: 'firing' },
    { ...page, status: 'resolved' },
  ]);
});
