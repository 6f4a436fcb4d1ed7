import { expect, it } from 'vitest';
import { ALERT_NAMES } from '../../../src/rules/parts/alert-names.ts';
import { DEFAULT_RULE_OPTIONS } from '../../../src/rules/parts/options.ts';
import { isAlert } from '../../../src/rules/parts/rule.ts';
import { ruleGroups } from '../../../src/rules/rule-groups.ts';
import { serverDeps, startServer } from '../../support/http-server.ts';
import { buildSessions, LONG_AGO } from '../../support/sessions.ts';
import { buildItem, buildItems, buildState, NOW } from '../../support/states.ts';
import { condition, reportOf, textOf } from './page-facts.ts';

const conditions = () => reportOf(condition('1', { summary: '1: no workers', description: 'Start the workers.' }));

async function ask(url: string) {
  const answer = await fetch(url);
  return { status: answer.status, text: await answer.text() };
}

it('shows one environment with what its alerts say and what to do', async () => {
  await using server = await startServer(serverDeps([buildState('env_1')], { conditions }));
  const { status, text } = await ask(`${server.url}/environments/env_1`);
  expect(status).toBe(200);
  expect(textOf(text)).toContain('No workers firing for 4m · NoWorkers runbook Start the workers.');
  expect((await ask(`${server.url}/environments/env_2`)).status).toBe(404);
});

it('links its board where the address of Grafana is known', async () => {
  const url = 'https://g.test/x/d/anthropic-work-environment?var-environment=env_1';
  const linked = async (dashboardBaseUrl: string | null) => {
    await using server = await startServer(serverDeps([buildState('env_1')], { config: { dashboardBaseUrl } }));
    const [page, json] = await Promise.all([
      ask(`${server.url}/environments/env_1`),
      ask(`${server.url}/api/v1/environments/env_1`),
    ]);
    const [one] = JSON.parse((await ask(`${server.url}/api/v1/environments`)).text).environments;
    return [page.text.includes(`href="${url}"`), JSON.parse(json.text).dashboard_url, one.dashboard_url];
  };
  expect(await linked('https://g.test/x')).toEqual([true, url, url]);
  expect(await linked(null)).toEqual([false, null, null]);
});

it('leads from an alert to its runbook, which comes with the program', async () => {
  await using server = await startServer(serverDeps([buildState('env_1')], { conditions }));
  const page = await ask(`${server.url}/`);
  const [, path] = /href="(\/runbooks\/[^"]+)"/.exec(page.text)!;
  const runbook = await ask(`${server.url}${path}`);
  expect(runbook.status).toBe(200);
  expect(textOf(runbook.text)).toContain(
    'NoWorkers runbook Commands are filled in for 1 . How to run the commands . Covers:',
  );
  const first = `curl -fsS ${server.url}/api/v1/environments/env_1 | jq &#39;.queue, .items&#39;`;
  expect(runbook.text).toContain(`<code>${first}</code></pre><button type="button" data-copy="${first}">`);
  const other = await ask(`${server.url}/runbooks/AnthropicWorkNoWorkers?environment=env_2`);
  expect(other.text).toContain('/api/v1/environments/ENV');
  expect((await ask(`${server.url}/runbooks/..%2f..%2fpackage`)).status).toBe(404);
});

it.each([
  [
    'that everybody knows',
    'https://api.anthropic.com',
    'curl -sS https://api.anthropic.com/v1/environments/env_1/work/stats',
  ],
  ['that is not to be told', null, 'curl -sS API/v1/environments/env_1/work/stats'],
  ['that a shell would not take as it is', 'https://$(id)', 'curl -sS API/v1/environments/env_1/work/stats'],
])('a runbook has the address of an API %s', async (_, address, command) => {
  const asked: unknown[] = [];
  const apiAddress = (connection: string | null) => {
    asked.push(connection);
    return address;
  };
  await using server = await startServer(serverDeps([buildState('env_1')], { apiAddress }));
  const { text } = await ask(`${server.url}/runbooks/NoWorkers?environment=env_1`);
  expect(text).toContain(command);
  const isAsked = textOf(text).includes('with the address of the API');
  expect(isAsked).toBe(command.includes('API/'));
  await ask(`${server.url}/runbooks/NoWorkers`);
  expect(asked).toEqual(['default', null]);
});

it('serves what alerts link to, where their runbooks are said to be here', async () => {
  await using server = await startServer(serverDeps([buildState('env_1')]));
  const options = { ...DEFAULT_RULE_OPTIONS, runbookBaseUrl: `${server.url}/runbooks` };
  const rules = ruleGroups(options).flatMap((group) => group.rules.filter(isAlert));
  const links = new Set(rules.map(({ annotations }) => annotations.runbook_url!));
  expect(new Set([...links].map((link) => link.split('?')[0])).size).toBe(ALERT_NAMES.length);
  for (const link of links) {
    const { status, text } = await ask(link.replace('{{ $labels.environment_id }}', 'env_1'));
    expect(status, link).toBe(200);
    // Of one environment, they have commands for it.
    expect(text.includes('Commands are filled in for'), link).toBe(link.includes('environment_id'));
    expect(text, link).not.toMatch(link.includes('environment_id') ? /\b(?:ENV|EXPORTER)\b/ : /\bEXPORTER\b/);
  }
  expect(
    [...links].filter((link) => link.endsWith('.md?environment={{ $labels.environment_id }}')).length,
  ).toBeGreaterThan(15);
  expect((await ask(`${server.url}/runbooks/AnthropicWorkNothing.md`)).status).toBe(404);
});

it('lists every runbook under the address that the links of alerts begin with', async () => {
  await using server = await startServer(serverDeps([]));
  const { status, text } = await ask(`${server.url}/runbooks`);
  expect(status).toBe(200);
  for (const name of ALERT_NAMES) expect(text).toContain(`<td><a href="/runbooks/${name}">`);
  expect(textOf(text)).toContain('NoWorkers Work is queued, and nobody is there to take it.');
  expect((await ask(`${server.url}/`)).text).toContain('<a href="/runbooks">');
});

it('leads from each runbook to how its commands are run, wherever the exporter runs', async () => {
  await using server = await startServer(serverDeps([buildState('env_1')]));
  for (const query of ['', '?environment=env_1', '?environment=env_2']) {
    const runbook = await ask(`${server.url}/runbooks/ListNotConfigured${query}`);
    expect(runbook.text).toContain('<code>anthropic-work-exporter check --live');
    expect(runbook.text).toContain('<a href="/runbooks">How to run the commands</a>');
  }
  const { text } = await ask(`${server.url}/runbooks`);
  for (const start of [
    'kubectl exec --namespace NAMESPACE POD -- node',
    'sudo /usr/bin/node',
    'docker exec CONTAINER node',
  ])
    expect(text).toContain(`<code>${start} `);
});

it('shows how often the worst items were delivered, what their sessions do, and since when', async () => {
  const run = (id: string, deliveries = 1) => ({
    ...buildItem(id, { state: 'active', sessionId: id, acknowledgedAt: LONG_AGO, latestHeartbeatAt: NOW - 5000 }),
    deliveries,
  });
  const state = buildState('env_1', {
    items: buildItems([run('sesn_waits', 4), run('sesn_ended', 2), run('sesn_runs'), run('sesn_unread')]),
    sessions: buildSessions({
      sesn_waits: ['idle', 'requires_action', NOW - 5_400_000],
      sesn_ended: ['terminated', null, NOW - 60_000],
      sesn_runs: ['running'],
    }),
  });
  await using server = await startServer(serverDeps([state]));
  const { text } = await ask(`${server.url}/environments/env_1`);
  const shown = [...text.matchAll(/<li>(<code>sesn_.*?)<\/li>/gs)].map(([, item]) =>
    textOf(item!)
      .replace(/ for [^,]+/, '')
      .trim(),
  );
  expect(shown).toEqual([
    'sesn_waits active, delivered 4 times, session idle for 1h 30m (requires_action)',
    'sesn_ended active, delivered 2 times, session terminated for 1m',
    'sesn_runs active, session running',
    'sesn_unread active',
  ]);
});

it.each<[string, number | null, string]>([
  ['stopped', NOW - 61_000, 'The alerts were last evaluated 1m 1s ago: an alert may fire that is not shown here'],
  ['not begun', null, 'The exporter has just started: no alert has been evaluated yet.'],
])('calls nothing fine while the evaluation of the alerts has %s', async (_name, evaluatedAt, words) => {
  const report = () => ({ evaluatedAt, conditions: [] });
  await using server = await startServer(serverDeps([buildState('env_1')], { conditions: report }));
  for (const path of ['/', '/environments/env_1']) {
    const text = textOf((await ask(`${server.url}${path}`)).text);
    expect(text).toContain(words);
    expect(text).toContain('Not evaluated');
    expect(text).not.toMatch(/\bOK\b|is fine|No alert is firing or about to fire/);
  }
});

it.each(['NoWorkers', 'noworkers.md', 'anthropicworknoworkers', 'AnthropicWorkNoWorkers.md'])(
  'the runbook is found as people type its name: %s',
  async (name) => {
    await using server = await startServer(serverDeps([buildState()]));
    const { status, text } = await ask(`${server.url}/runbooks/${name}`);
    expect({ status, title: /<title>([^<]*)/.exec(text)?.[1] }).toEqual({
      status: 200,
      title: expect.stringContaining('Runbook of AnthropicWorkNoWorkers'),
    });
  },
);
