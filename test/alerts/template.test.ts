import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { runTool } from '../support/tools.ts';
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
const PROD = alert('NoWorkers', 'critical', 'prod: work waits, and nobody takes it', LINKS);
const BATCH = alert('NoWorkers', 'critical', 'batch: work waits, and nobody takes it');
const OVER = alert('NoWorkers', 'critical', 'prod: work waits, and nobody takes it', LINKS, 'resolved');

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
  it('says in one line what fires, and how many more there are', async () => {
    expect(await render('title', [PROD])).toBe('prod: work waits, and nobody takes it');
    expect(await render('title', [PROD, BATCH])).toBe('prod: work waits, and nobody takes it (one of 2)');
    expect(await render('title', [OVER, BATCH])).toBe('batch: work waits, and nobody takes it');
    expect(await render('title', [OVER], 'resolved')).toBe('Over: prod: work waits, and nobody takes it');
  });

  it('says of each alert what, why, since when, and where to look, as far as links are known', async () => {
    const text = await render('text', [PROD, BATCH]);
    expect(text).toContain(
      [
        'prod: work waits, and nobody takes it',
        'What NoWorkers means.',
        'Since 2026-01-02 03:04 UTC',
        'Dashboard: https://grafana.test/d/x',
        'What to do: https://wiki.test/x.md',
      ].join('\n'),
    );
    expect(text.match(/Dashboard:/g)).toHaveLength(1);
  });

  it('asks nobody to do anything about what is over, and tells it last', async () => {
    const text = await render('text', [OVER, BATCH]);
    expect(text).toMatch(
      /^batch: [\s\S]*\nover: prod: work waits, and nobody takes it\nSince [^\n]*, until 2026-01-02 03:14 UTC\n/,
    );
    expect(text.match(/What NoWorkers means\./g)).toHaveLength(1);
    expect(text).toMatch(/^Runbook: https:\/\/wiki\.test\/x\.md$/m);
    expect(text).not.toContain('What to do');
  });
});

describe('the texts for Slack', () => {
  it.each<readonly [string, readonly object[], string]>([
    ['one', [PROD], 'firing'],
    ['some of them over', [OVER, PROD, BATCH], 'firing'],
    ['all of them over', [OVER], 'resolved'],
  ])('are those for everybody: %s', async (_, alerts, status) => {
    for (const part of ['title', 'text'])
      expect(await render(`slack_${part}`, alerts, status)).toBe(await render(part, alerts, status));
  });

  it('mention nobody and link nowhere, whatever an environment is called', async () => {
    const named = alert('NoWorkers', 'critical', '<!channel> & <https://x.test|y>: no workers');
    const escaped = '&lt;!channel&gt; &amp; &lt;https://x.test|y&gt;: no workers';
    expect(await render('slack_title', [named])).toBe(escaped);
    expect(await render('slack_text', [named])).toContain(escaped);
    expect(await render('title', [named])).toBe('<!channel> & <https://x.test|y>: no workers');
  });
});

it('begins with receivers that Alertmanager takes, whose first line and text are those of the template', async () => {
  const text = await readFile(TEMPLATE, 'utf8');
  const [, example] = /In a receiver:\n\n([\s\S]*?)\n\n {2}\S/.exec(text)!;
  const receiver = parse(example!.replaceAll(/^ {4}/gm, '')) as Record<string, object[]>;
  const of = (name: string) => `{{ template "anthropic_work.${name}" . }}`;
  expect(receiver).toMatchObject({
    slack_configs: [{ title: of('slack_title'), fallback: of('slack_title'), text: of('slack_text') }],
    pagerduty_configs: [{ description: of('title'), details: { firing: '', resolved: '', text: of('text') } }],
    email_configs: [{ headers: { Subject: of('title') }, text: of('text'), html: '' }],
  });
  const folder = await mkdtemp(join(tmpdir(), 'receivers-'));
  try {
    const file = join(folder, 'alertmanager.yml');
    const global = { slack_api_url: 'https://slack.test/x', smtp_smarthost: 'mail.test:25', smtp_from: 'a@mail.test' };
    const configuration = { global, route: { receiver: 'all' }, receivers: [{ name: 'all', ...receiver }] };
    await writeFile(file, stringify({ ...configuration, templates: [TEMPLATE] }));
    const { ok, output } = await runTool('amtool', ['check-config', file]);
    expect(ok, output).toBe(true);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
