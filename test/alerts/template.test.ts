import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { runTool } from '../rules/support/promtool.ts';
import { EXAMPLE } from './alertmanager-process.ts';

const TEMPLATE = fileURLToPath(new URL('anthropic-work.tmpl', EXAMPLE));
const alert = (
  name: string,
  severity: string,
  summary: string,
  links: Record<string, string> = {},
  status = 'firing',
) => ({
  status,
  labels: { alertname: `AnthropicWork${name}`, severity, environment_id: 'e' },
  annotations: { summary, description: `What ${name} means.`, ...links },
  startsAt: '2026-01-02T03:04:05Z',
  endsAt: '2026-01-02T03:14:05Z',
});
const LINKS = { dashboard_url: 'https://grafana.test/d/x', runbook_url: 'https://wiki.test/x.md' };
const MANY = [
  alert('ItemStuck', 'warning', 'x: an item has been active for 1d'),
  alert('OldestItemTooOld', 'critical', 'x: 9 waiting, oldest 20m 0s (limit 15m 0s)'),
  alert('NoWorkers', 'critical', 'x: no workers, 9 waiting', LINKS),
];

/** What Alertmanager's own template engine makes of a notification. */
async function render(template: string, alerts: readonly object[], status = 'firing'): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'template-'));
  try {
    const data = join(folder, 'data.json');
    const parts = { groupLabels: {}, commonLabels: {}, commonAnnotations: {}, externalURL: 'http://am.test' };
    await writeFile(data, JSON.stringify({ receiver: 'chat', status, alerts, ...parts }));
    const { ok, output, stdout } = await runTool('amtool', [
      ...['template', 'render', `--template.glob=${TEMPLATE}`, `--template.data=${data}`],
      `--template.text={{ template "anthropic_work.${template}" . }}`,
    ]);
    expect(ok, output).toBe(true);
    return stdout.trim();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

describe('the template for notifications', () => {
  it('heads many alerts of one environment with the cause', async () => {
    expect(await render('title', MANY)).toBe('x: no workers, 9 waiting');
  });

  it('takes any page where no known cause is there, and any alert where no page is', async () => {
    const other = alert('WaitBudgetBurn', 'critical', 'x: burns');
    expect(await render('title', [MANY[0]!, other])).toBe('x: burns');
    expect(await render('title', [MANY[0]!])).toBe('x: an item has been active for 1d');
  });

  it('says that it is over', async () => {
    const over = alert('NoWorkers', 'critical', 'x: no workers', {}, 'resolved');
    expect(await render('title', [over], 'resolved')).toBe('Over: x: no workers');
    expect(await render('text', [over], 'resolved')).toContain('Since 03:04 UTC, until 03:14 UTC');
  });

  it('says of each alert what, why, since when, and where to look, as far as links are known', async () => {
    const text = await render('text', MANY);
    expect(text).toContain(
      [
        'x: no workers, 9 waiting',
        'What NoWorkers means.',
        'Since 03:04 UTC',
        'Dashboard: https://grafana.test/d/x',
        'What to do: https://wiki.test/x.md',
      ].join('\n'),
    );
    expect(text.match(/Dashboard:/g)).toHaveLength(1);
  });
});
