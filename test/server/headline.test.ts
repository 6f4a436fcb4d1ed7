import { expect, it } from 'vitest';
import type { Condition, DiagnosisReport } from '../../src/diagnosis/report.ts';
import { NO_REPORT } from '../../src/diagnosis/report.ts';
import type { ExporterProblem } from '../../src/server/server-deps.ts';
import type { EnvironmentState } from '../../src/state/environment-state.ts';
import { condition, EXPLAINED, ofConnection, PENDING, reportOf, withClear } from '../support/reports.ts';
import { failingOperation, NOW, untriedOperation } from '../support/states.ts';
import { headlineIn, pageOf, stateOf } from './page-facts.ts';

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
  'nothing is watched': { states: [], expected: '… Not read yet No environment is watched yet.' },
  'two, fine': { states: [fine, prod], expected: '✔ OK All fine: 2 environments.' },
  'not everything is known': {
    states: [fine, prod],
    conditions: [notKnown('prod')],
    expected: '◆ Notice No known alert is firing.',
  },
  'soon after a start, and whether anything pages is not known': {
    states: [fine, prod],
    conditions: [pageNotKnown('prod'), pageNotKnown('staging')],
    expected: '? Not judged yet 2 of 2 environments: not judged yet.',
  },
  'a page that may come, or was out before the start': {
    states: [prod],
    conditions: [unknown('prod')],
    expected: `◔ Pending Pending: ${PROD}`,
  },
  'before the first look': {
    states: [fine],
    report: NO_REPORT,
    expected: '? Not judged yet 1 of 1 environment: not judged yet.',
  },
  'an environment that was never judged, among others': {
    states: [fine, prod],
    report: withClear(reportOf(), ['prod']),
    expected: '? Not judged yet 1 of 2 environments: not judged yet, and no alert is firing.',
  },
  'no look for more than a minute': {
    states: [fine, prod],
    report: { ...withClear(reportOf(), ['prod', 'staging']), at: NOW - 90_000 },
    expected: '▲ Warning The environments were last judged 1m 30s ago',
  },
  'one is not read yet': {
    states: [fine, starting],
    expected: '… Not read yet 1 of 2 environments: not read yet, and no alert is firing.',
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
    expected: '⊘ Not readable 2 environments not readable',
  },
  'reads fail, and the numbers are young': {
    states: [fine, flapping],
    expected: '◆ Notice 1 of 2 environments: notice, and no alert is firing.',
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
