import { during, type Line, step } from '../support/lines.ts';
import type { Inputs, Outcome, Row, RuleTable } from '../support/rule-table.ts';
import { from, pages } from '../support/table-parts.ts';
import { anywhereTables } from './anywhere-tables.ts';

/** A page about many is firing while the line says so: one to a table, because the rule joins by job. */
const young = (until: number, line: Line, isYoung: boolean): RuleTable => ({
  rule: 'AnthropicWorkNoWorkers critical AnthropicWorkNoWorkersAnywhere',
  until,
  rows: [
    [
      'without workers',
      { ...pages('NoWorkersAnywhere', line), recorded: { unserved: step(until - 1, null, 300) } },
      isYoung ? from(until) : null,
    ],
  ],
});
const youngTables: readonly RuleTable[] = [
  young(40, step(11, null, 1), true),
  young(40, step(10.5, null, 1), false),
  young(70, (minute) => ((minute >= 10 && minute < 30) || minute >= 50 ? 1 : null), true),
  young(40, during(30, 40, [null, 1]), true),
  young(40, during(30, 39.5, [null, 1]), false),
  young(40, null, false),
];

/** A page of its own, unless a page about many is young; without workers from a minute on. */
const ofItsOwn = (minute: number, line: Line, outcome: Outcome): RuleTable => ({
  rule: 'AnthropicWorkNoWorkers critical',
  until: minute + 10,
  rows: [
    ['unserved', { ...pages('NoWorkersAnywhere', line), recorded: { unserved: step(minute, null, 300) } }, outcome],
  ],
});

/** Environments that nobody could read; the first of them, seen without workers from the minute 9, says what becomes of all. */
const afterOutage = (title: string, first: Line, others: readonly Line[], outcome: Outcome): RuleTable => ({
  rule: 'AnthropicWorkNoWorkers critical',
  until: 20,
  rows: [
    [title, { recorded: { unserved: step(9, null, 300), notVisible: first } }, outcome],
    ...others.map((blind, index): Row => [`${title}, beside ${index}`, { recorded: { notVisible: blind } }, null]),
  ],
});
const blindUntil = (minute: number) => step(minute, 1, null);
const beside = (count: number, minute: number) => Array<Line>(count).fill(blindUntil(minute));
/** Environments that look as if they had no workers; the first one, not served from the minute 9, says what becomes of all. */
const amongLookAlikes = (title: string, others: readonly Inputs[], outcome: Outcome): RuleTable => ({
  rule: 'AnthropicWorkNoWorkers critical',
  until: 20,
  rows: [
    [title, { recorded: { unserved: step(9, null, 300), workersLost: step(9, null, 300) } }, outcome],
    ...others.map((inputs, index): Row => [`${title}, beside ${index}`, inputs, null]),
  ],
});
const LOOKS: Inputs = { recorded: { withoutWorkers: 1 } };
const SURE: Inputs = { recorded: { withoutWorkers: 1, workersLost: 1 } };
const amongLookAlikesTables: readonly RuleTable[] = [
  amongLookAlikes('beside five that look so', Array<Inputs>(5).fill(LOOKS), from(12)),
  amongLookAlikes('beside four that look so', Array<Inputs>(4).fill(LOOKS), from(10)),
  amongLookAlikes('beside five that have none', Array<Inputs>(5).fill(SURE), from(10)),
  amongLookAlikes(
    'beside four that have none, and one that looks so',
    [...Array<Inputs>(4).fill(SURE), LOOKS],
    from(12),
  ),
  amongLookAlikes(
    'beside five that look so for a moment',
    Array<Inputs>(5).fill({ recorded: { withoutWorkers: during(8, 10, [null, 1]) } }),
    from(11),
  ),
];
const afterOutageTables: readonly RuleTable[] = [
  afterOutage('one of six that are read again', blindUntil(9), beside(5, 9), from(12)),
  afterOutage('one of five that are read again', blindUntil(9), beside(4, 9), from(10)),
  afterOutage('the first of seven that are read again', blindUntil(9), beside(6, 12), from(12)),
  afterOutage('the last of six that are read again', blindUntil(9), beside(5, 7), from(10)),
  afterOutage('still not read', 1, beside(5, 9), from(10)),
  afterOutage('always read', null, beside(6, 9), from(10)),
];

const perhapsNone: RuleTable = {
  rule: 'AnthropicWorkNoWorkers warning',
  until: 40,
  given: { recorded: { overdue: 200, nobodyPolls: 0 } },
  rows: [
    ['all the time', {}, from(8)],
    ['nothing is alive', { recorded: { workersLive: 0 } }, from(8)],
    ['one is alive', { recorded: { workersLive: step(20, 0, 1) } }, from(8, 22)],
    ['somebody polls', { recorded: { nobodyPolls: step(20, 0, null) } }, from(8, 22)],
    ['nothing waits for long', { recorded: { overdue: step(20, 200, null) } }, from(8, 22)],
    ['a page says why', { recorded: { causePaged: step(20, null, 1) } }, from(8, 22)],
  ],
};

/** One page, of one environment or of many. */
export const NO_WORKERS_TABLES: readonly RuleTable[] = [
  ...youngTables,
  ...anywhereTables({ one: 'NoWorkers', many: 'NoWorkersAnywhere', all: 'workersLost', due: 'unserved', wait: 0.5 }),
  ...amongLookAlikesTables,
  ...afterOutageTables,
  ofItsOwn(5, null, from(6)),
  ofItsOwn(5, 1, null),
  ofItsOwn(5, during(0, 6.5, [null, 1]), from(8)),
  ofItsOwn(32, step(10.5, null, 1), from(41)),
  ofItsOwn(29, step(20, null, 1), null),
  ofItsOwn(60, (minute) => ((minute >= 10 && minute < 30) || minute >= 50 ? 1 : null), null),
  perhapsNone,
];
