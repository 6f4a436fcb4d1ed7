import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { environmentView, summaryOf } from '../../../src/server/page/attention.ts';
import { html } from '../../../src/server/page/html.ts';
import { durationText } from '../../../src/server/page/human-text.ts';
import { statusPage } from '../../../src/server/page/status-page.ts';
import { CONTENT_SECURITY_POLICY } from '../../../src/server/page/status-page-style.ts';
import type { EnvironmentState } from '../../../src/state/environment-state.ts';
import { buildSessions } from '../../support/sessions.ts';
import {
  buildEnvironment,
  buildItems,
  buildOperation,
  buildState,
  buildStats,
  failingOperation,
  NOW,
  untriedOperation,
} from '../../support/states.ts';

function view(name: string, change: Partial<EnvironmentState> = {}) {
  const environment = buildEnvironment(`env_${name}`, { name });
  return environmentView(buildState(environment.id, { environment, ...change }), { now: NOW, skewMs: 0 });
}

function page(...views: ReturnType<typeof view>[]): string {
  return statusPage({ views, generatedAt: '2026-11-24T12:00:00.000Z', shard: '0/1', version: '1.2.3' });
}

/** What a reader sees: the text without markup and style. */
function textOf(markup: string): string {
  return markup
    .replace(/<style>.*<\/style>/s, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ');
}

const fine = view('staging');
const waiting = { queue: { observedAt: NOW - 5000, stats: buildStats({ oldestQueuedAt: NOW - 312_000 }) } };
const endless = { queue: { observedAt: NOW - 5000, stats: buildStats({ oldestQueuedAt: NOW - 7_200_000 }) } };
const starting = { operations: { stats: untriedOperation(), list: untriedOperation() }, queue: null, items: null };
const blind = {
  operations: { stats: failingOperation('unauthorized'), list: failingOperation('unauthorized') },
  queue: null,
  items: null,
};

it('the first line says how many need attention, and why the worst one does', () => {
  expect(summaryOf([fine, view('prod', waiting), view('batch')])).toBe(
    '1 of 3 environments needs attention: prod — the oldest item has waited 5m 12s (limit 5m)',
  );
  expect(summaryOf([view('prod', waiting), view('night', endless)])).toBe(
    '2 of 2 environments need attention: night — the oldest item has waited 2h (limit 15m)',
  );
  expect(summaryOf([view('prod', blind)])).toBe(
    '1 of 1 environment needs attention: prod — stats fails (unauthorized): The API refused the environment key.',
  );
});

it('and says so when there is nothing to do', () => {
  expect(summaryOf([])).toBe('No environment is watched yet.');
  expect(summaryOf([fine])).toBe('The environment is fine.');
  expect(summaryOf([fine, view('prod')])).toBe('All 2 environments are fine.');
  expect(summaryOf([fine, view('new', starting)])).toBe('1 of 2 environments not read yet, the others are fine.');
});

it('the worst environment comes first, then the order of the configuration', () => {
  const text = textOf(page(fine, view('new', starting), view('prod', waiting), view('dark', blind), view('last')));
  const positions = ['env_dark', 'env_prod', 'env_new', 'env_staging', 'env_last'].map((id) => text.indexOf(id));
  expect(positions).toEqual(positions.toSorted((a, b) => a - b));
  expect(positions.every((position) => position > 0)).toBe(true);
});

it('a row has the numbers, what is unknown is a dash and not 0', () => {
  expect(textOf(page(fine))).toContain('ok staging env_staging 12s 3 0 2 0 0 5s ago');
  expect(textOf(page(view('new', starting)))).toContain('starting new env_new – – – – – – never');
});

it('a trouble shows its remedy, one for both operations that share it', () => {
  const text = textOf(page(view('dark', blind)));
  expect(text).toContain('blind dark');
  expect(text.match(/Console → Environments → prod → Environment keys → Create a new key\./g)).toHaveLength(1);
});

it('work in trouble is called critical or warning although it is read well', () => {
  expect(textOf(page(view('prod', waiting)))).toContain('warning prod');
  expect(textOf(page(view('prod', endless)))).toContain('critical prod');
  expect(textOf(page(view('prod', endless)))).toContain('Alert AnthropicWorkOldestItemTooOld');
});

it('a cut list, an old answer and a list without a credential are said', () => {
  const cut = buildItems([], { lastFullRead: { at: NOW, pages: 9, items: 9, truncated: true } });
  expect(textOf(page(view('prod', { items: cut })))).toContain('The item list was cut at the page cap');
  expect(textOf(page(view('prod', { queue: null })))).toContain('The last answer is too old to be shown.');
  const operations = { stats: buildOperation(), list: untriedOperation({ attempted: false }) };
  expect(textOf(page(view('prod', { operations, items: null })))).toContain('no credential for the list');
});

it('held values are marked', () => {
  const operations = { stats: failingOperation('timeout'), list: buildOperation() };
  expect(page(view('prod', { operations }))).toContain('<td class="n held">3</td>');
});

it('nothing that a name or an API says becomes markup', () => {
  const failure = { ...failingOperation('network').failure!, message: '<img src=x onerror=alert(1)>' };
  const operations = { stats: failingOperation('network', { failure }), list: buildOperation() };
  const markup = page(view('"><script>alert(1)</script>', { operations }));
  expect(markup).not.toMatch(/<script|<img/);
  expect(markup).toContain('&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;');
  expect(markup).toContain('&lt;img src=x onerror=alert(1)&gt;');
});

it('the page loads nothing, and the policy allows its style sheet alone', () => {
  const markup = page(fine);
  expect(markup).not.toMatch(/(src|href)="(https?:)?\/\//);
  const style = /<style>(.*)<\/style>/s.exec(markup)![1]!;
  const hash = createHash('sha256').update(style).digest('base64');
  expect(CONTENT_SECURITY_POLICY).toContain(`style-src 'sha256-${hash}'`);
  expect(CONTENT_SECURITY_POLICY).toMatch(/^default-src 'none';/);
  for (const path of ['/metrics', '/api/v1/environments', '/-/healthy', '/-/ready']) {
    expect(markup).toContain(`href="${path}"`);
  }
});

it('a template escapes what it is given and keeps markup of its own', () => {
  expect(html`<b title="${'"'}">${[html`<i>${"'&'"}</i>`, html`${1}`]}${null}</b>`.toString()).toBe(
    '<b title="&quot;"><i>&#39;&amp;&#39;</i>1</b>',
  );
});

it.each([
  [0.04, '0s'],
  [4.06, '4.1s'],
  [12.4, '12s'],
  [59.6, '1m'],
  [312, '5m 12s'],
  [7200, '2h'],
  [93_784, '1d 2h'],
  [Number.POSITIVE_INFINITY, 'for ever'],
])('%d seconds are %s', (seconds, expected) => {
  expect(durationText(seconds)).toBe(expected);
});

const REFUSED = {
  reason: 'forbidden',
  httpStatus: 403,
  requestId: null,
  message: 'no',
  remedy: 'Ask for it.',
  since: NOW,
} as const;

it.each([
  ['no key', { attempted: false }],
  ['a key that is refused', { failure: REFUSED }],
])('says once and quietly that sessions of long runs are not read: %s', (_why, change) => {
  const off = { sessions: buildSessions({}, change) };
  const text = textOf(page(view('a'), view('b')));
  expect(text).not.toContain('Sessions of long runs');
  const markup = page(
    environmentView(buildState('env_1', off), { now: NOW, skewMs: 0 }),
    environmentView(buildState('env_2', off), { now: NOW, skewMs: 0 }),
  );
  expect(textOf(markup).match(/Sessions of long runs are not read in 2 environments/g)).toHaveLength(1);
  expect(environmentView(buildState('env_1', off), { now: NOW, skewMs: 0 }).issues).toEqual([]);
});
