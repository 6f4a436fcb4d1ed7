import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
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
    expect(await render('text', [over], 'resolved')).toBe(
      'over: x: no workers\nSince 2026-01-02 03:04 UTC, until 2026-01-02 03:14 UTC',
    );
  });

  it('asks nobody to do anything about what is over, and keeps that of what goes on', async () => {
    const over = alert('NoWorkers', 'critical', 'x: no workers', LINKS, 'resolved');
    const text = await render('text', [over, alert('Saturated', 'warning', 'x: all workers are busy')]);
    expect(text).toContain('x: all workers are busy\nWhat Saturated means.\nSince');
    expect(text).not.toContain('What NoWorkers means.');
    expect(text).toMatch(/^Runbook: https:\/\/wiki\.test\/x\.md$/m);
    expect(text).not.toContain('What to do');
  });

  it('heads what goes on with no cause that is over, and tells that one last', async () => {
    const over = alert('NoWorkers', 'critical', 'x: no workers', {}, 'resolved');
    const alerts = [over, alert('Saturated', 'warning', 'x: all workers are busy')];
    expect(await render('title', alerts)).toBe('x: all workers are busy');
    expect(await render('text', alerts)).toMatch(/^x: all workers are busy\n[\s\S]*\nover: x: no workers\n/);
  });

  it('says of each alert what, why, since when, and where to look, as far as links are known', async () => {
    const text = await render('text', MANY);
    expect(text).toContain(
      [
        'x: no workers, 9 waiting',
        'What NoWorkers means.',
        'Since 2026-01-02 03:04 UTC',
        'Dashboard: https://grafana.test/d/x',
        'What to do: https://wiki.test/x.md',
      ].join('\n'),
    );
    expect(text.match(/Dashboard:/g)).toHaveLength(1);
  });
});

describe('the texts for Slack', () => {
  const over = alert('NoWorkers', 'critical', 'x: no workers', LINKS, 'resolved');
  it.each<readonly [string, readonly object[], string]>([
    ['many alerts', MANY, 'firing'],
    ['some of them over', [over, ...MANY], 'firing'],
    ['all of them over', [over], 'resolved'],
    ['no page', MANY.slice(0, 1), 'firing'],
    ['another page', [MANY[0]!, alert('WaitBudgetBurn', 'critical', 'x: burns')], 'firing'],
  ])('are those for everybody: %s', async (_, alerts, status) => {
    for (const part of ['title', 'text'])
      expect(await render(`slack_${part}`, alerts, status)).toBe(await render(part, alerts, status));
  });

  it('mention nobody and link nowhere, whatever an environment is called', async () => {
    const named = alert('NoWorkers', 'critical', '<!channel> & <https://x.test|y>: no workers');
    const escaped = '&lt;!channel&gt; &amp; &lt;https://x.test|y&gt;: no workers';
    expect(await render('slack_title', [named])).toBe(escaped);
    const described = { ...named, annotations: { summary: 's', description: named.annotations.summary } };
    for (const one of [named, described]) expect(await render('slack_text', [one])).toContain(escaped);
    expect(await render('title', [named])).toBe('<!channel> & <https://x.test|y>: no workers');
  });

  it.each([
    ['one word', 'ייצור: 9 waiting', '\u2068ייצור\u2069: 9 waiting'],
    ['several words', 'الإنتاج الجديد: 9 waiting', '\u2068الإنتاج الجديد\u2069: 9 waiting'],
    ['a number', 'ייצור-2: 9 waiting', '\u2068ייצור\u2069-2: 9 waiting'],
    ['vowel signs', 'שָׁלוֹם: 9 waiting', '\u2068שָׁלוֹם\u2069: 9 waiting'],
    ['both directions', 'prod ייצור eu: 9 waiting', 'prod \u2068ייצור\u2069 eu: 9 waiting'],
    ['none of it', 'prod 生産 α: 9 waiting', 'prod 生産 α: 9 waiting'],
  ])('keep the order of a line with a name from right to left: %s', async (_, summary, shown) => {
    const named = alert('NoWorkers', 'critical', summary);
    expect(await render('slack_title', [named])).toBe(shown);
    expect(await render('slack_text', [named])).toContain(`${shown}\n`);
    expect(await render('title', [named])).toBe(summary);
    const described = { ...named, annotations: { summary: 's', description: summary } };
    expect(await render('slack_text', [described])).toContain(shown);
  });
});

it('begins with receivers that Alertmanager takes, and names only templates that there are', async () => {
  const text = await readFile(TEMPLATE, 'utf8');
  const [, example] = /In a receiver:\n\n([\s\S]*?)\n\n {2}\S/.exec(text)!;
  const receiver = parse(example!.replaceAll(/^ {4}/gm, '')) as Record<string, object[]>;
  expect(Object.keys(receiver)).toEqual(['slack_configs', 'pagerduty_configs', 'email_configs']);
  const global = { slack_api_url: 'https://slack.test/x', smtp_smarthost: 'mail.test:25', smtp_from: 'a@mail.test' };
  const folder = await mkdtemp(join(tmpdir(), 'receivers-'));
  try {
    const file = join(folder, 'alertmanager.yml');
    const configuration = { global, route: { receiver: 'all' }, receivers: [{ name: 'all', ...receiver }] };
    await writeFile(file, stringify({ ...configuration, templates: [TEMPLATE] }));
    const { ok, output } = await runTool('amtool', ['check-config', file]);
    expect(ok, output).toBe(true);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  const named = [...example!.matchAll(/template "([^"]+)"/g)].map(([, name]) => name);
  const defined = [...text.matchAll(/define "([^"]+)"/g)].map(([, name]) => name);
  expect(named.length).toBeGreaterThan(4);
  expect(defined).toEqual(expect.arrayContaining(named));
});
