import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type Condition, type DiagnosisReport, NO_REPORT } from '../../src/diagnosis/report.ts';
import { CONTENT_SECURITY_POLICY } from '../../src/server/page.ts';
import { runbookNames } from '../../src/server/runbooks.ts';
import type { ExporterProblem } from '../../src/server/server-deps.ts';
import type { EnvironmentState } from '../../src/state/environment-state.ts';
import { serverDeps, startServer } from '../support/http-server.ts';
import { condition, EXPLAINED, ofConnection, PENDING, reportOf, withClear } from '../support/reports.ts';
import {
  buildEnvironment,
  buildItem,
  buildItems,
  buildSessions,
  buildState,
  failingOperation,
  LONG_AGO,
  NOW,
  untriedOperation,
} from '../support/states.ts';
import { ask } from './ask.ts';

/** An environment `env_NAME` as it is read. */
function stateOf(name: string, change: Partial<EnvironmentState> = {}): EnvironmentState {
  const environment = buildEnvironment(`env_${name}`, { name, ...change.environment });
  return buildState(environment.id, { ...change, environment });
}

/** The status page over these environments, all of them judged, with this wrong. */
async function pageOf(
  states: readonly EnvironmentState[],
  conditions: readonly Condition[] = [],
  { problems = [], ...change }: PageChange = {},
): Promise<string> {
  const names = states.map(({ environment }) => environment.id.slice('env_'.length));
  const { report = withClear(reportOf(...conditions), names), shard = '0/1' } = change;
  const deps = serverDeps(states, { diagnosis: () => report, exporterProblems: () => problems, shard });
  await using server = await startServer(deps);
  return (await fetch(server.url)).text();
}

interface PageChange {
  readonly report?: DiagnosisReport;
  readonly problems?: readonly ExporterProblem[];
  readonly shard?: string;
}

/** What a reader sees: the text without markup, style and script. */
function textOf(markup: string): string {
  return markup
    .replace(/<(style|script)>.*?<\/\1>/gs, '')
    .replaceAll(/<\/?bdi>/g, '')
    .replace(/<[^>]*>/g, ' ')
    .replaceAll('&nbsp;', ' ')
    .replace(/\s+/g, ' ');
}

function headlineIn(markup: string): string {
  return textOf(/<h1[^>]*>(.*?)<\/h1>/s.exec(markup)![1]!).trim();
}

/** The names of the environments of a page's rows, in their order. */
function orderIn(markup: string): string[] {
  return [...markup.matchAll(/<tbody[^>]*data-key="env_(\w+)"/g)].map(([, name]) => name!);
}

const fine = stateOf('staging');
const starting = stateOf('new', {
  operations: { stats: untriedOperation(), list: untriedOperation() },
  queue: null,
  items: null,
});
const unread = (name: string) =>
  stateOf(name, {
    operations: { stats: failingOperation('unauthorized'), list: failingOperation('unauthorized') },
    queue: null,
    items: null,
  });
const flapping = stateOf('flapping', {
  operations: { stats: failingOperation('unauthorized'), list: failingOperation('unauthorized') },
});
const warning = condition('slow', { name: 'queue_too_deep', severity: 'warning', evidence: '41 items wait' });
/** As after a start without a state file. */
const unknown = (name: string) => condition(name, { ...PENDING, value: null });
const notKnown = (name: string) =>
  condition(name, { name: 'item_stuck', severity: 'warning', phase: 'clear', value: null });
const pageNotKnown = (name: string) => condition(name, { phase: 'clear', value: null });
const problem: ExporterProblem = {
  text: 'discovery of connection default fails (network): a long answer',
  remedy: 'r',
};

interface Situation {
  readonly states: readonly EnvironmentState[];
  readonly conditions?: readonly Condition[];
  readonly problems?: readonly ExporterProblem[];
  readonly report?: DiagnosisReport;
  readonly expected: string;
}

const prod = stateOf('prod');
const PROD = 'prod: work waits, and nobody takes it — 3 items wait, the oldest for 5m 12s; nobody polls';

/** What is on the page, and the one sentence that somebody reads first. */
const SITUATIONS: Readonly<Record<string, Situation>> = {
  'nothing is watched': { states: [], expected: '? Not judged No environment is watched yet.' },
  'two, fine': { states: [fine, prod], expected: '✔ OK All fine: 2 environments.' },
  'not everything is known': {
    states: [fine, prod],
    conditions: [notKnown('prod')],
    expected: '◆ Notice No known alert is firing.',
  },
  'soon after a start, and whether anything pages is not known': {
    states: [fine, prod],
    conditions: [pageNotKnown('prod'), pageNotKnown('staging')],
    expected: '? Not judged 2 of 2 environments: not judged.',
  },
  'a page that may come, or was out before the start': {
    states: [prod],
    conditions: [unknown('prod')],
    expected: `◔ Pending Pending: ${PROD}`,
  },
  'before the first look': {
    states: [fine],
    report: NO_REPORT,
    expected: '? Not judged 1 of 1 environment: not judged.',
  },
  'an environment that was never judged, among others': {
    states: [fine, prod],
    report: withClear(reportOf(), ['prod']),
    expected: '? Not judged 1 of 2 environments: not judged, and no known alert is firing.',
  },
  'no look for more than a minute': {
    states: [fine, prod],
    report: { ...withClear(reportOf(), ['prod', 'staging']), at: NOW - 90_000 },
    expected: '? Not judged 2 of 2 environments: not judged.',
  },
  'one is not read yet': {
    states: [fine, starting],
    expected: '? Not judged 1 of 2 environments: not judged, and no known alert is firing.',
  },
  'one page': { states: [fine, prod], conditions: [condition('prod')], expected: `✖ Critical ${PROD}` },
  'one page for several environments': {
    states: [stateOf('a'), stateOf('b')],
    conditions: [condition('a'), condition('b')],
    expected: '✖ Critical 2 environments: work waits, and nobody takes it',
  },
  'a page of a connection, which says why nothing else pages': {
    states: [unread('a'), unread('b')],
    conditions: [
      ofConnection('default', ['env_a', 'env_b'], { name: 'api_key_refused' }),
      ...['a', 'b'].map((name) => condition(name, { ...EXPLAINED, name: 'key_refused' })),
    ],
    expected: '✖ Critical Connection default: The API refuses the key — 2 of 2 environments',
  },
  'a page and a ticket': {
    states: [prod, stateOf('slow')],
    conditions: [warning, condition('prod')],
    expected: `✖ Critical ${PROD} (and 1 more alert)`,
  },
  'refused before any alert is firing': {
    states: [fine, unread('a'), unread('b')],
    expected: '⊘ Not readable 2 of 3 environments: not readable, and no known alert is firing.',
  },
  'reads fail, and the numbers are young': {
    states: [fine, flapping],
    expected: '◆ Notice 1 of 2 environments: notice, and no known alert is firing.',
  },
  'discovery fails': {
    states: [fine],
    problems: [problem],
    expected: '▲ Warning Discovery of connection default fails (network)',
  },
};

it.each(Object.entries(SITUATIONS))('the first line says it: %s', async (_, situation) => {
  const { states, conditions, expected, ...change } = situation;
  expect(headlineIn(await pageOf(states, conditions, change))).toBe(expected);
});

const causesIn = (markup: string) => /<ul class="causes".*<\/ul>/s.exec(markup.split('<table')[0]!)?.[0] ?? '';

it('tells what is wrong of an environment that has no row, too: it is no longer watched, or a drill', async () => {
  const markup = await pageOf([prod, fine], [condition('gone', { name: 'item_stuck' }), condition('prod')]);
  const causes = causesIn(markup);
  expect(textOf(causes)).toMatch(/gone: an item makes no progress .* prod: work waits, and nobody takes it/);
  expect(causes).toContain('href="/runbooks/AnthropicWorkItemStuck?environment=env_gone"');
  expect(causes).not.toContain('/environments/env_gone');
  expect(textOf(markup).match(/nobody takes it : /g)).toHaveLength(1);
});

it('what a connection has is told once, with those that it is about and what to do', async () => {
  const causes = causesIn(
    await pageOf([stateOf('prod'), fine], [ofConnection('default', ['env_prod', 'env_staging'])]),
  );
  expect(textOf(causes)).toMatch(
    /default: .* : 2 of 2 environments .* status .* network of the exporter.* prod staging/,
  );
  expect(causes).toContain('<a href="/environments/env_prod"><bdi>prod</bdi></a>');
});

describe('many environments', () => {
  const many = Array.from({ length: 300 }, (_, index) => stateOf(`n${index}`));
  const conditionOf = ({ environment: { name } }: (typeof many)[number]) => condition(name);

  it('fold up where nothing is to be seen', async () => {
    const markup = await pageOf([...many, stateOf('prod')], [condition('prod')]);
    const [head, folded] = markup.split('<details');
    expect(orderIn(head!)).toEqual(['prod']);
    expect(orderIn(folded!)).toHaveLength(300);
    expect(textOf(folded!)).toContain('300 environments without an alert or a notice');
  });

  it('say one cause once, with some of their names', async () => {
    const markup = await pageOf(many, many.map(conditionOf));
    const causes = causesIn(markup);
    expect(causes.match(/<li/g)).toHaveLength(1);
    expect(textOf(causes)).toContain('300 environments: work waits, and nobody takes it');
    expect(textOf(causes)).toContain('n0 n1 n2 n3 n4 n5 n6 n7 and 292 more');
    expect(causes).toContain('<a href="/environments/env_n7"><bdi>n7</bdi></a>');
    expect(causes).toContain('href="/runbooks/AnthropicWorkNoWorkers"');
  });
});

it('nothing that a name or an API says becomes markup', async () => {
  const evil = '"><script>alert(1)</script>';
  const shown = [
    condition(evil, { evidence: evil }),
    ofConnection(evil, [evil]),
    condition('gone', { ...PENDING, evidence: evil }),
  ];
  const markup = await pageOf([stateOf(evil), stateOf('b')], shown);
  expect(markup.match(/<script/g)).toHaveLength(1);
  expect(markup).toContain('&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;');
});

it('the page loads nothing, and the policy allows its own style and script alone', async () => {
  const markup = await pageOf([fine]);
  expect(markup).not.toMatch(/(src|href|action)="(https?:)?\/\//);
  expect(markup).not.toContain('http-equiv');
  for (const part of ['style', 'script']) {
    const inline = new RegExp(`<${part}>(.*)</${part}>`, 's').exec(markup)![1]!;
    const hash = createHash('sha256').update(inline).digest('base64');
    expect(CONTENT_SECURITY_POLICY).toContain(`${part}-src 'sha256-${hash}'`);
  }
  expect(CONTENT_SECURITY_POLICY).toMatch(/^default-src 'none';/);
  for (const path of ['/metrics', '/api/v1/environments', '/-/healthy', '/-/ready']) {
    expect(markup).toContain(`href="${path}"`);
  }
});

it('shows one environment with what is wrong, what that explains, and what to do', async () => {
  const old = condition('1', { name: 'oldest_item_too_old', evidence: 'for 9 min' });
  const report = reportOf({ ...old, ...EXPLAINED }, condition('1'), ofConnection('default', ['env_1']));
  await using server = await startServer(serverDeps([buildState('env_1')], { diagnosis: () => report }));
  const { status, text } = await ask(`${server.url}/environments/env_1`);
  expect(status).toBe(200);
  const shown = textOf(text);
  expect(shown).toContain('nobody polls firing, began 5 min ago · NoWorkers runbook Users wait. Look at the workers');
  expect(shown).toMatch(/: for 9 min silent, because of no_workers/);
  expect(shown).toMatch(/default: .* : 1 of 1 environments/);
  expect((await ask(`${server.url}/environments/env_2`)).status).toBe(404);
});

it('links its board where the address of Grafana is known', async () => {
  const url = 'https://g.test/x/d/anthropic-work-environment?var-environment=env_1';
  const linked = async (dashboardBaseUrl: string | null) => {
    await using server = await startServer(serverDeps([buildState('env_1')], { settings: { dashboardBaseUrl } }));
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
  await using server = await startServer(
    serverDeps([buildState('env_1')], { diagnosis: () => reportOf(condition('1')) }),
  );
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
    'sesn_waits active, delivered 4 times, session idle since 90 min ago (requires_action)',
    'sesn_ended active, delivered 2 times, session terminated since 60 s ago',
    'sesn_runs active, session running',
    'sesn_unread active',
  ]);
});

it.each([
  ['has stopped', NOW - 61_000],
  ['has not begun', null],
])('calls nothing fine while the diagnosis %s', async (_name, at) => {
  const report = at === null ? { ...reportOf(), at } : { ...withClear(reportOf(condition('1')), ['1']), at };
  await using server = await startServer(serverDeps([buildState('env_1')], { diagnosis: () => report }));
  for (const path of ['/', '/environments/env_1']) {
    const text = textOf((await ask(`${server.url}${path}`)).text);
    expect(text).toContain('Not judged');
    expect(text).not.toMatch(/\bOK\b|All fine|No (known )?alert is firing|firing, began/);
  }
});
