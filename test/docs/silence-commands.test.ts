import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { EXAMPLE, startAlertmanager } from '../alerts/alertmanager-process.ts';
import { blocksOf, PAGES } from './pages.ts';

/** The address of Alertmanager in the commands of the page. */
const SHOWN = 'http://127.0.0.1:9093';

const LINES = blocksOf(PAGES.find(({ path }) => path === 'docs/alerting.md')!)
  .map(({ text }) => text.trim().replaceAll(/\\\n\s*/g, ''))
  .filter((text) => text.startsWith('amtool silence add'));

const FIRING = [
  { alertname: 'AnthropicWorkNoWorkers', severity: 'critical', environment_id: 'ENV' },
  { alertname: 'AnthropicWorkSaturated', severity: 'warning', environment_id: 'ENV' },
  { alertname: 'AnthropicWorkNoWorkers', severity: 'critical', environment_id: 'env_2' },
  { alertname: 'AnthropicWorkApiUnreachable', severity: 'critical', connection: 'default' },
  { alertname: 'AnthropicWorkWatchdog', severity: 'none' },
  { alertname: 'NodeDown', severity: 'critical' },
];

/** The alerts of `FIRING` that a command of the page leaves alone. */
async function leftBy(line: string) {
  await using alertmanager = await startAlertmanager(await readFile(EXAMPLE, 'utf8'));
  expect(line).toContain(`--alertmanager.url ${SHOWN}`);
  const { status, stderr } = spawnSync('sh', ['-c', line.replace(SHOWN, alertmanager.url)], { encoding: 'utf8' });
  expect(status, stderr).toBe(0);
  const api = `${alertmanager.url}/api/v2/alerts`;
  const headers = { 'content-type': 'application/json' };
  const posted = await fetch(api, {
    method: 'POST',
    headers,
    body: JSON.stringify(FIRING.map((labels) => ({ labels }))),
  });
  expect(posted.status).toBe(200);
  const left = (await (await fetch(`${api}?silenced=false`)).json()) as { readonly labels: object }[];
  return FIRING.filter((labels) =>
    left.some((alert) => JSON.stringify(sorted(alert.labels)) === JSON.stringify(sorted(labels))),
  );
}

const sorted = (labels: object) => Object.entries(labels).toSorted();

it('the silence of an environment leaves all others, and what is about several', async () => {
  expect(LINES).toHaveLength(2);
  expect(await leftBy(LINES[0]!)).toEqual(FIRING.slice(2));
});

it('the silence of everything leaves the watchdog, and the alerts of others', async () => {
  expect(await leftBy(LINES[1]!)).toEqual(FIRING.slice(4));
});
