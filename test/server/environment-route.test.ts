import { expect, it } from 'vitest';
import { runbookNames } from '../../src/server/runbooks.ts';
import { serverDeps, startServer } from '../support/http-server.ts';
import { condition, EXPLAINED, ofConnection, reportOf, withClear } from '../support/reports.ts';
import { buildSessions, LONG_AGO } from '../support/sessions.ts';
import { buildItem, buildItems, buildState, NOW } from '../support/states.ts';
import { textOf } from './page-facts.ts';

const diagnosis = () => reportOf(condition('1'));

async function ask(url: string) {
  const answer = await fetch(url);
  return { status: answer.status, text: await answer.text() };
}

it('shows one environment with what is wrong, what that explains, and what to do', async () => {
  const old = condition('1', { name: 'oldest_item_too_old', evidence: 'for 9 min' });
  const report = reportOf({ ...old, ...EXPLAINED }, condition('1'), ofConnection('default', ['env_1']));
  await using server = await startServer(serverDeps([buildState('env_1')], { diagnosis: () => report }));
  const { status, text } = await ask(`${server.url}/environments/env_1`);
  expect(status).toBe(200);
  const shown = textOf(text);
  expect(shown).toContain('nobody polls firing, began 5m ago · NoWorkers runbook Users wait. Look at the workers');
  expect(shown).toMatch(/: for 9 min\. Silent, because of no_workers/);
  expect(shown).toMatch(/default: .* : 1 of 1 environments/);
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
  await using server = await startServer(serverDeps([buildState('env_1')], { diagnosis }));
  const page = await ask(`${server.url}/`);
  const [, path] = /href="(\/runbooks\/[^"]+)"/.exec(page.text)!;
  const runbook = await ask(`${server.url}${path}`);
  expect(runbook.status).toBe(200);
  expect(textOf(runbook.text)).toContain('NoWorkers runbook Commands are filled in for 1 . How to run the commands .');
  const [, first] = /<code>(curl [^<]*)<\/code>/.exec(runbook.text)!;
  expect(first).toContain(`${server.url}/api/v1/environments/env_1 `);
  const other = await ask(`${server.url}/runbooks/AnthropicWorkNoWorkers?environment=env_2`);
  expect(other.text).toContain('/api/v1/environments/ENV');
  expect((await ask(`${server.url}/runbooks/..%2f..%2fpackage`)).status).toBe(404);
});

it('serves what alerts link to, as people type its name, too, with commands for their environment and API', async () => {
  const apiAddress = (connection: string | null) => (connection === null ? null : 'https://api.anthropic.com');
  await using server = await startServer(serverDeps([buildState('env_1')], { apiAddress }));
  expect(runbookNames().length).toBeGreaterThan(15);
  for (const name of [...runbookNames().map((alert) => `${alert}.md`), 'NoWorkers', 'noworkers.md']) {
    const { status, text } = await ask(`${server.url}/runbooks/${name}?environment=env_1`);
    expect(status, name).toBe(200);
    expect(text, name).toContain('Commands are filled in for');
    expect(text, name).not.toMatch(/\b(?:ENV|EXPORTER|curl[^<]* API)\b/);
  }
  expect((await ask(`${server.url}/runbooks/NoSuchEnvironment`)).text).toContain('curl -sS API/v1/environments/ENV');
  expect((await ask(`${server.url}/runbooks/AnthropicWorkNothing.md`)).status).toBe(404);
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
    'sesn_waits active, delivered 4 times, session idle since 1h 30m ago (requires_action)',
    'sesn_ended active, delivered 2 times, session terminated since 1m ago',
    'sesn_runs active, session running',
    'sesn_unread active',
  ]);
});

it.each<[string, number | null, string]>([
  [
    'has stopped',
    NOW - 61_000,
    'The environments were last judged 1m 1s ago: an alert may fire that is not shown here',
  ],
  ['has not begun', null, 'not judged yet'],
])('calls nothing fine while the diagnosis %s', async (_name, at, words) => {
  const report = at === null ? { ...reportOf(), at } : { ...withClear(reportOf(), ['1']), at };
  await using server = await startServer(serverDeps([buildState('env_1')], { diagnosis: () => report }));
  expect(textOf((await ask(`${server.url}/`)).text)).toContain(words);
  for (const path of ['/', '/environments/env_1']) {
    const text = textOf((await ask(`${server.url}${path}`)).text);
    expect(text).toContain('Not judged yet');
    expect(text).not.toMatch(/\bOK\b|is fine|No alert is firing or about to fire/);
  }
});
