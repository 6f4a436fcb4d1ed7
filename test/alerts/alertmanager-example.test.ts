import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { ruleGroups } from '../../src/rules/render.ts';
import { DEFAULT_RULE_OPTIONS, isAlert } from '../../src/rules/rule.ts';
import { pageOf } from '../docs/pages.ts';
import { runTool } from '../support/tools.ts';
import { waitUntil } from '../support/wait-until.ts';
import { EXAMPLE, exampleWith, startAlertmanager } from './alertmanager-process.ts';

type Labels = Readonly<Record<string, string>>;

const RECEIVERS = { critical: 'pager', warning: 'chat', none: 'dead-mans-switch' } as const;
const pairs = ruleGroups(DEFAULT_RULE_OPTIONS)
  .flatMap(({ rules }) => rules.filter(isAlert))
  .map(({ alert, labels }) => ({ alert, severity: labels.severity }));

const exporterAlert = (name: string, job: string, severity: string, instance?: string): Labels => ({
  alertname: `AnthropicWork${name}`,
  ...{ job, severity },
  ...(instance !== undefined && { instance }),
});

/** Each in a job of its own: what fires, and what of it stays silent. */
const MUTED = [
  [exporterAlert('ExporterAbsent', 'a', 'critical'), exporterAlert('ExporterInstanceDown', 'a', 'warning', 'i')],
  [exporterAlert('ExporterShardMissing', 'b', 'critical'), exporterAlert('ExporterInstanceDown', 'b', 'warning', 'i')],
  [exporterAlert('ExporterConfigReloadFailed', 'c', 'warning', 'i'), exporterAlert('ConfigDisagrees', 'c', 'warning')],
] as const;
const HEARD = [
  exporterAlert('ExporterInstanceDown', 'another', 'warning', 'i'),
  // What the exporter said before it went away goes on.
  { ...exporterAlert('NoWorkers', 'a', 'critical'), environment_id: 'e' },
  { ...exporterAlert('OldestItemTooOld', 'a', 'warning'), environment_id: 'e' },
];

const folder = mkdtempSync(join(tmpdir(), 'alertmanager-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The configuration with these routes is one that Alertmanager takes, and an alert takes these ones. */
async function routesOf(path: string, labels: Labels, ...more: readonly string[]): Promise<string> {
  const { ok, output } = await runTool('amtool', [
    ...['config', 'routes', 'test', `--config.file=${path}`, ...more],
    ...Object.entries(labels).map(([label, value]) => `${label}=${value}`),
  ]);
  expect(ok, output).toBe(true);
  return output;
}

describe('the Alertmanager example', () => {
  const path = fileURLToPath(EXAMPLE);

  it('is a configuration', async () => {
    const { ok, output } = await runTool('amtool', ['check-config', path]);
    expect(ok, output).toBe(true);
  });

  it.concurrent.each(pairs)('routes $alert $severity', async ({ alert, severity }) => {
    const labels = { alertname: alert, severity, job: 'anthropic-work-exporter', environment_id: 'e' };
    await routesOf(path, labels, `--verify.receivers=${RECEIVERS[severity]}`);
  });

  it('says of its routes itself how they are grouped: below other ones they would take that from there', async () => {
    const { routes } = parse(await exampleWith(() => {})).route as { routes: Labels[] };
    for (const route of routes)
      for (const option of ['group_by', 'group_wait', 'group_interval']) expect(route).toHaveProperty(option);
  });

  it('tells nobody else where it stands among the routes of somebody else', async () => {
    const { route, receivers } = parse(await exampleWith(() => {}));
    const routes = [
      { receiver: 'log', continue: true },
      ...route.routes,
      { receiver: 'others', matchers: ['severity =~ ".+"'] },
    ];
    const all = [...receivers, { name: 'others' }, { name: 'log' }];
    const bigger = join(folder, 'bigger.yml');
    writeFileSync(bigger, stringify({ route: { receiver: 'others', routes }, receivers: all }));
    for (const [severity, receiver] of Object.entries(RECEIVERS)) {
      const alertname = severity === 'none' ? 'AnthropicWorkWatchdog' : 'AnthropicWorkRunsLost';
      await routesOf(bigger, { alertname, severity, job: 'work' }, `--verify.receivers=log,${receiver}`);
    }
  });

  it('mutes what a missing exporter explains, and nothing else', async () => {
    await using alertmanager = await startAlertmanager(
      await exampleWith(({ receivers }) => {
        for (const receiver of receivers) delete receiver.webhook_configs;
      }),
    );
    const alerts = [...MUTED.flat(), ...HEARD];
    const body = JSON.stringify(alerts.map((labels) => ({ labels })));
    const headers = { 'content-type': 'application/json' };
    expect((await fetch(`${alertmanager.url}/api/v2/alerts`, { method: 'POST', headers, body })).status).toBe(200);
    let suppressed: readonly Labels[] = [];
    const look = async () => {
      const answer = await fetch(`${alertmanager.url}/api/v2/alerts`);
      const known = (await answer.json()) as { labels: Labels; status: { state: string } }[];
      suppressed = known.filter(({ status }) => status.state === 'suppressed').map(({ labels }) => labels);
      return known.length === alerts.length && known.every(({ status }) => status.state !== 'unprocessed');
    };
    await waitUntil(look, { what: 'every alert to be processed', everyMs: 100 });
    expect(new Set(suppressed)).toEqual(new Set(MUTED.map(([, target]) => target)));
  });
});

describe('the recipe for workers that are there at certain hours only', async () => {
  const examples = [...pageOf('docs/alerting.md').text.matchAll(/```yaml\n(.*?)```/gs)];
  const { time_intervals, route } = parse(examples.find(([, yaml]) => yaml!.includes('time_intervals'))![1]!);
  const path = join(folder, 'hours.yml');
  const changed = await exampleWith((configuration) => {
    Object.assign(configuration, { time_intervals, templates: [] });
    configuration.route.routes.splice(1, 0, ...route.routes);
  });
  writeFileSync(path, changed);

  it.each([
    ['NoWorkers', 'critical', 'ENV', true],
    ['OldestItemTooOld', 'critical', 'ENV', true],
    ['NoWorkers', 'critical', 'another', false],
    ['NoWorkers', 'warning', 'ENV', false],
    ['NotReadable', 'critical', 'ENV', false],
    ['RunsLost', 'critical', 'ENV', false],
    ['FleetsFailing', 'critical', '', false],
  ])('%s %s of %s is muted at those hours: %s', async (alert, severity, environment_id, isMuted) => {
    const routes = await routesOf(path, { alertname: `AnthropicWork${alert}`, severity, environment_id }, '--tree');
    expect(routes.includes('AnthropicWork(NoWorkers|'), routes).toBe(isMuted);
  });
});
