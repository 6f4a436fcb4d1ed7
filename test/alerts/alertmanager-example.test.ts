import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { ruleGroups } from '../../src/rules/groups.ts';
import { DEFAULT_RULE_OPTIONS, isAlert } from '../../src/rules/rule.ts';
import { runTool } from '../support/promtool.ts';
import { waitUntil } from '../support/wait-until.ts';
import { EXAMPLE, exampleWith, startAlertmanager } from './alertmanager-process.ts';

type Labels = Readonly<Record<string, string>>;

const path = fileURLToPath(EXAMPLE);
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

describe('the Alertmanager example', () => {
  it('is a configuration', async () => {
    const { ok, output } = await runTool('amtool', ['check-config', path]);
    expect(ok, output).toBe(true);
  });

  it.concurrent.each(pairs)('routes $alert $severity', async ({ alert, severity }) => {
    const { ok, output } = await runTool('amtool', [
      ...['config', 'routes', 'test', `--config.file=${path}`, `--verify.receivers=${RECEIVERS[severity]}`],
      ...[`alertname=${alert}`, `severity=${severity}`, 'job=anthropic-work-exporter', 'environment_id=e'],
    ]);
    expect(ok, output).toBe(true);
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
