import { afterAll, beforeAll, expect, it } from 'vitest';
import { timelineOf } from '../../src/cli/drill/drill-timeline.ts';
import { FastClock } from '../support/fast-clock.ts';
import { configurationOf, simulatedApi } from '../support/simulated-api.ts';
import { waitUntil } from '../support/wait-until.ts';
import { AlertChain } from './alerting/alert-chain.ts';
import { LiveExporter } from './alerting/live-exporter.ts';

const SPEED = 20;
const PATIENCE_MS = 240_000;
const JOB = 'drilled';

const resources = new AsyncDisposableStack();
afterAll(() => resources.disposeAsync());
let exporter: LiveExporter;
let chain: AlertChain;

beforeAll(async () => {
  const clock = new FastClock(SPEED);
  const api = resources.use(await simulatedApi({ clock, environments: 1 }));
  const configuration = () => configurationOf(api, { poll: {} });
  exporter = resources.use(await LiveExporter.start(configuration, clock));
  chain = resources.use(await AlertChain.start({ jobs: { [JOB]: [exporter.url] }, speed: SPEED, clock }));
});

/** Status, group and names of what was told so far. */
const told = () =>
  chain.told.map(({ receiver, status, group, alerts }) => ({
    ...{ receiver, status, group },
    alerts: alerts.map(({ name }) => name),
  }));

it('a drill brings its page through the real Prometheus and Alertmanager, and its end resolves it', {
  timeout: 2 * PATIENCE_MS + 10_000,
}, async () => {
  const drill = (method: string, body: string | null) => fetch(`${exporter.url}/-/drill`, { method, body });
  expect((await drill('POST', '{"scenario":"no-workers"}')).status).toBe(200);
  const expected = timelineOf('no-workers').map(({ alert, severity }) => `${alert} ${severity}`);
  const page = { receiver: 'pager', group: { job: JOB, environment_id: 'env_drill_no-workers' }, alerts: expected };
  await waitUntil(() => told().length > 0, { what: 'the page', timeoutMs: PATIENCE_MS });
  expect(told()).toEqual([{ ...page, status: 'firing' }]);

  expect((await drill('DELETE', null)).status).toBe(200);
  await waitUntil(() => told().length > 1, { what: 'its end', timeoutMs: PATIENCE_MS });
  expect(told()).toEqual([
    { ...page, status: 'firing' },
    { ...page, status: 'resolved' },
  ]);
});
