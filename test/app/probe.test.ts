import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { blocksOf, pageOf } from '../docs/pages.ts';
import { LivePrometheus, promtoolComplaints } from '../support/prometheus.ts';
import { BATCH, configurationOf, keysOf, PROD, STAGING, simulatedApi } from '../support/simulated-api.ts';
import { waitUntil } from '../support/wait-until.ts';
import { RunningApp } from './running-app.ts';

const ALL = [PROD, STAGING, BATCH];
const allRead = (running: RunningApp) => () => ALL.every((id) => running.readSince(id, 'stats'));
const probe = async (running: RunningApp, id: string) => {
  const answer = await fetch(`${running.url}/probe?environment_id=${id}`);
  return { status: answer.status, text: await answer.text() };
};
const statsRequests = (running: RunningApp) => running.state(PROD).operations.stats.requests;

it('answers from what is known while it is current, and reads when it is not', async () => {
  await using api = await simulatedApi();
  // The longest interval that is allowed: nothing else reads in the meantime.
  await using running = await RunningApp.start(
    configurationOf(api, { poll: { stats_interval: '5m', stale_after: '20m' } }),
  );
  await running.waitUntil(allRead(running));
  const before = statsRequests(running);
  const { status, text } = await probe(running, PROD);
  expect(status).toBe(200);
  expect(text).toContain('probe_success 1\n');
  expect(text).toMatch(/^probe_duration_seconds \d/m);
  expect(text).toContain(`anthropic_work_queue_depth{environment_id="${PROD}"`);
  expect(text).not.toContain(STAGING);
  expect(promtoolComplaints(text)).toBe('');
  expect(statsRequests(running)).toBe(before);
  for (const key of keysOf(api)) expect(text).not.toContain(key);
});

it('a failing environment is a failed probe with the reason in its series, and is not asked again before its time', async () => {
  await using api = await simulatedApi();
  await using running = await RunningApp.start(configurationOf(api));
  await running.waitUntil(allRead(running));
  api.setFaults([{ kind: 'status', status: 500, endpoints: ['stats'] }]);
  await running.waitUntil(() => running.state(PROD).operations.stats.failure !== null);
  const before = statsRequests(running);
  for (let probes = 0; probes < 5; probes++) {
    const { status, text } = await probe(running, PROD);
    expect(status).toBe(200);
    expect(text).toContain('probe_success 0\n');
    expect(text).toMatch(/anthropic_work_up\{.*operation="stats"\} 0/);
  }
  expect(statsRequests(running)).toBe(before);
});

it('Prometheus finds and probes every environment with the configuration of docs/operating.md', async () => {
  await using api = await simulatedApi();
  const configured = configurationOf(api);
  const environments = configured.environments.map((one) => ({ ...one, labels: { owner: `team-${one.name}` } }));
  await using running = await RunningApp.start({ ...configured, environments });
  await running.waitUntil(allRead(running));

  const block = blocksOf(pageOf('docs/operating.md')).find(({ text }) => text.includes('/api/v1/sd'));
  const text = block!.text
    .replace('exporter.example.com:9877', new URL(running.url).host)
    .replace('scrape_interval: 30s', 'scrape_interval: 1s');
  const { scrape_configs } = parse(text) as { scrape_configs: object[] };
  await using prometheus = await LivePrometheus.start({ scrapeConfigs: scrape_configs });
  await waitUntil(async () => (await prometheus.query('probe_success')).length === ALL.length);

  expect(await prometheus.byLabel('instance', 'up{job="anthropic-work-probe"}')).toEqual(
    Object.fromEntries(ALL.map((id) => [id, 1])),
  );
  expect(await prometheus.byLabel('instance', 'probe_success')).toEqual(Object.fromEntries(ALL.map((id) => [id, 1])));
  const depths = await prometheus.query('anthropic_work_queue_depth');
  expect(depths.map(({ labels }) => labels.environment_id).toSorted()).toEqual(ALL.toSorted());
  for (const { labels } of depths) expect(labels.instance).toBe(labels.environment_id);
  expect(new Set(depths.map(({ labels }) => labels.owner)).size).toBe(3);
});
