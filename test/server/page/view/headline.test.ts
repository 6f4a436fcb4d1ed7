import { expect, it } from 'vitest';
import type { Condition } from '../../../../src/conditions/condition.ts';
import type { CredentialKind, Failure, FailureReason } from '../../../../src/domain/failure.ts';
import { noAlertText } from '../../../../src/server/page/view/evaluation.ts';
import type { PageProblem } from '../../../../src/server/page/view/headline.ts';
import { failingOperation, NOW, untriedOperation } from '../../../support/states.ts';
import { condition, headlineIn, pageOf, reportOf, type View, viewOf } from '../page-facts.ts';

const fine = viewOf('staging');
const starting = viewOf('new', {
  operations: { stats: untriedOperation(), list: untriedOperation() },
  queue: null,
  items: null,
});
const unread = (name: string) =>
  viewOf(name, {
    operations: { stats: failingOperation('unauthorized'), list: failingOperation('unauthorized') },
    queue: null,
    items: null,
  });
const unreadWith = (name: string, credential: CredentialKind) => {
  const operation = failingOperation('unauthorized', { credential });
  return viewOf(name, { operations: { stats: operation, list: operation }, queue: null, items: null });
};
const unreadFor = (reason: FailureReason, change: Partial<Failure> = {}) => {
  const { failure, ...operation } = failingOperation(reason);
  const failing = { ...operation, failure: { ...failure!, ...change } };
  return viewOf(reason, { operations: { stats: failing, list: failing }, queue: null, items: null });
};
const flapping = viewOf('flapping', {
  operations: { stats: failingOperation('unauthorized'), list: failingOperation('unauthorized') },
});
const on = (...conditions: Condition[]) =>
  conditions.map((one) => viewOf(one.subject.kind === 'environment' ? one.subject.name : 'x', {}, [one]));
const pending = (name: string, change: Partial<Condition> = {}) =>
  condition(name, { phase: 'pending', firesAt: NOW + 20_000, ...change });
const revoked = condition(null, {
  alert: 'AnthropicWorkCredentialRejected',
  subject: { kind: 'connection', name: 'default' },
  summary: 'API key of connection default refused: 2 environments unseen',
});
const warning = condition('slow', {
  alert: 'AnthropicWorkSaturated',
  severity: 'warning',
  summary: 'slow: more work than workers',
});
const problem: PageProblem = {
  text: 'discovery of connection default fails (network): a long answer',
  remedy: 'r',
  connection: 'default',
};

interface Situation {
  readonly views: readonly View[];
  readonly wide?: readonly Condition[];
  readonly problems?: readonly PageProblem[];
  readonly evaluatedAt?: number | null;
  readonly evaluatedSince?: number;
  readonly expected: string;
}

/** What is on the page, and the one sentence that somebody reads first. */
const SITUATIONS: Readonly<Record<string, Situation>> = {
  'nothing is watched': { views: [], expected: '… Not read yet: No environment is watched yet.' },
  'one environment, fine': { views: [fine], expected: '✔ OK: The environment is fine.' },
  'two, fine': { views: [fine, viewOf('prod')], expected: '✔ OK: All 2 environments are fine.' },
  'soon after a start': {
    views: [fine, viewOf('prod')],
    evaluatedSince: NOW - 240_000,
    expected: '◆ Notice: No known alert is firing. The exporter started 4m ago and does not know what happened before.',
  },
  'reads that fail soon after a start': {
    views: [fine, flapping],
    evaluatedSince: NOW - 240_000,
    expected:
      '◆ Notice: No known alert is firing. 1 of 2 environments has a notice. The exporter started 4m ago and does not know what happened before.',
  },
  'an environment that was not read soon after a start': {
    views: [fine, starting],
    evaluatedSince: NOW - 240_000,
    expected:
      '… Not read yet: 1 of 2 environments not read yet, and no known alert is firing for the others. The exporter started 4m ago and does not know what happened before.',
  },
  'a page that may come, or was out before the start': {
    views: on(pending('prod', { mayBeOlder: true })),
    evaluatedSince: NOW - 240_000,
    expected: '◔ Pending: May be alerting already: prod: no workers, 3 waiting, oldest 5m 12s (limit 5m 0s)',
  },
  'pages of which one was out before the start': {
    views: on(pending('a'), pending('b', { mayBeOlder: true })),
    expected: '◔ Pending: May be alerting already: Work waits without workers: 2 environments',
  },
  'a page that may have been out before the start': {
    views: on(condition('prod', { mayBeOlder: true })),
    expected: '✖ Critical: prod: no workers, 3 waiting, oldest 5m 12s (limit 5m 0s)',
  },
  'an alert soon after a start': {
    views: on(condition('prod')),
    evaluatedSince: NOW - 240_000,
    expected: '✖ Critical: prod: no workers, 3 waiting, oldest 5m 12s (limit 5m 0s)',
  },
  'an hour and a half after a start': {
    views: [fine, viewOf('prod')],
    evaluatedSince: NOW - 5_400_000,
    expected: '✔ OK: All 2 environments are fine.',
  },
  'an alert of an environment that is no longer watched': {
    views: [fine],
    wide: [condition('gone')],
    expected: '✖ Critical: gone: no workers, 3 waiting, oldest 5m 12s (limit 5m 0s)',
  },
  'before the first evaluation': {
    views: [fine],
    evaluatedAt: null,
    expected: '… Not read yet: The exporter has just started: no alert has been evaluated yet.',
  },
  'no evaluation for a minute': {
    views: [fine],
    evaluatedAt: NOW - 60_000,
    expected: '✔ OK: The environment is fine.',
  },
  'no evaluation for more than a minute': {
    views: [fine, viewOf('prod')],
    evaluatedAt: NOW - 90_000,
    expected: '▲ Warning: The alerts were last evaluated 1m 30s ago',
  },
  'a page, and no evaluation since': {
    views: on(condition('prod')),
    evaluatedAt: NOW - 90_000,
    expected: '✖ Critical: prod: no workers, 3 waiting, oldest 5m 12s (limit 5m 0s)',
  },
  'a notice before the first evaluation': {
    views: [fine, flapping],
    evaluatedAt: null,
    expected: '… Not read yet: The exporter has just started: no alert has been evaluated yet.',
  },
  'one is not read yet, before the first evaluation': {
    views: [fine, starting],
    evaluatedAt: null,
    expected: '… Not read yet: 1 of 2 environments not read yet.',
  },
  'one is not read yet': {
    views: [fine, starting],
    expected: '… Not read yet: 1 of 2 environments not read yet, and no alert is firing for the others.',
  },
  'one page': {
    views: [fine, ...on(condition('prod'))],
    expected: '✖ Critical: prod: no workers, 3 waiting, oldest 5m 12s (limit 5m 0s)',
  },
  'one page for several environments': {
    views: on(condition('a'), condition('b'), condition('c')),
    expected: '✖ Critical: Work waits without workers: 3 environments',
  },
  'a page of a connection': {
    views: [unread('a'), unread('b')],
    wide: [revoked],
    expected: '✖ Critical: API key of connection default refused: 2 environments unseen',
  },
  'a page and a ticket': {
    views: on(condition('prod'), warning),
    expected: '✖ Critical: prod: no workers, 3 waiting, oldest 5m 12s (limit 5m 0s) — and 1 more alert',
  },
  'a ticket, and a page that may come': {
    views: on(warning, pending('prod')),
    expected: '▲ Warning: slow: more work than workers',
  },
  'a page that may come': {
    views: on(pending('prod')),
    expected: '◔ Pending: May alert soon: prod: no workers, 3 waiting, oldest 5m 12s (limit 5m 0s)',
  },
  'a page that is nearly over': {
    views: on(condition('prod', { phase: 'recovering' })),
    expected: '✖ Critical: Recovering: prod: no workers, 3 waiting, oldest 5m 12s (limit 5m 0s)',
  },
  'refused before any alert is firing': {
    views: [fine, unread('a'), unread('b')],
    expected: '⊘ Not readable: Environment key refused (401): 2 environments not readable',
  },
  'keys of two kinds that are refused alike': {
    views: [fine, unread('a'), unreadWith('b', 'api_key')],
    expected: '⊘ Not readable: Key refused (401): 2 environments not readable',
  },
  'and one for another reason': {
    views: [unread('a'), unreadWith('b', 'api_key'), unreadFor('timeout')],
    expected: '⊘ Not readable: Key refused (401): 2 environments not readable, and 1 more for other reasons',
  },
  'a proxy that refuses': {
    views: [fine, unreadFor('bad_response', { httpStatus: 403 })],
    expected: '⊘ Not readable: Something before the API rejects the request (403): bad_response not readable',
  },
  'answers that are no answers': {
    views: [fine, unreadFor('bad_response', { httpStatus: 200 })],
    expected: '⊘ Not readable: The answers of the API cannot be understood: bad_response not readable',
  },
  'one is refused': {
    views: [fine, unread('a')],
    expected: '⊘ Not readable: Environment key refused (401): a not readable',
  },
  'reads fail, and the numbers are young': {
    views: [fine, flapping],
    expected: '◆ Notice: No alert is firing. 1 of 2 environments has a notice.',
  },
  'discovery fails': {
    views: [fine],
    problems: [problem],
    expected: '▲ Warning: Discovery of connection default fails (network)',
  },
  'an info is nothing to get up for': {
    views: on(condition('prod', { severity: 'info', alert: 'AnthropicWorkWorkersUnknown' })),
    expected: '✔ OK: The environment is fine.',
  },
};

it.each(Object.entries(SITUATIONS))('the first line says it: %s', (_, { views, wide = [], problems = [], ...rest }) => {
  const report = { ...reportOf(...wide, ...views.flatMap(({ conditions }) => conditions)), ...rest };
  expect(headlineIn(pageOf(views, { report, problems }))).toBe(rest.expected);
});

it.each([
  [
    0,
    /^No known alert is firing or about to fire, .* The exporter started 0s ago and does not know what happened before\.$/,
  ],
  [5_399_000, / The exporter started 1h 29m ago and does not know what happened before\.$/],
  [5_400_000, /^No alert is firing or about to fire, and there is nothing else to report\.$/],
])('the page of an environment without an alert says so %i ms after the first evaluation', (passed, expected) => {
  expect(noAlertText({ ...reportOf(), evaluatedSince: NOW - passed }, NOW)).toMatch(expected);
});
