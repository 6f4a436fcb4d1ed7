import { during, type Line, step } from '../support/lines.ts';
import type { RuleTable } from '../support/rule-table.ts';

const overdue: RuleTable = {
  rule: 'environment:anthropic_work_queue_overdue:info',
  until: 0,
  given: { recorded: { strictAgeThreshold: 300 } },
  rows: [
    ['half of the limit', { recorded: { oldestAge: 150 } }, null],
    ['more than half', { recorded: { oldestAge: 151 } }, 151],
  ],
};

const unpolled: RuleTable = {
  rule: 'environment:anthropic_work_queue_unpolled:info',
  until: 0,
  given: { recorded: { overdue: 200 } },
  rows: [
    ['nobody polls', { recorded: { polling: 0 } }, 200],
    ['nobody knows who polls', {}, 200],
    ['somebody polls', { recorded: { polling: 1 } }, null],
    ['nothing waits for long', { recorded: { overdue: null, polling: 0 } }, null],
  ],
};

const late: RuleTable = {
  rule: 'environment:anthropic_work_queue_late:info',
  until: 0,
  given: { recorded: { strictAgeThreshold: 300 } },
  rows: [
    ['the limit', { recorded: { overdue: 300 } }, null],
    ['more', { recorded: { overdue: 301 } }, 301],
  ],
};

const newlyLate: RuleTable = {
  rule: 'environment:anthropic_work_queue_newly_late:info',
  until: 30,
  given: { recorded: { late: 400 } },
  rows: [
    ['known for less than four minutes', { recorded: { oldestAge: step(26.5, null, 400) } }, 400],
    ['known for four minutes', { recorded: { oldestAge: step(26, null, 400) } }, null],
    ['known long ago', { recorded: { oldestAge: step(11.5, 400, null) } }, null],
    ['known longer ago', { recorded: { oldestAge: step(11, 400, null) } }, 400],
  ],
};

const waitUsual: RuleTable = {
  rule: 'environment:anthropic_work_queue_wait_usual:info',
  until: 30,
  given: { recorded: { overdue: 500 } },
  rows: [
    ['about as long', { recorded: { longestWait: 381 } }, 380],
    ['not quite', { recorded: { longestWait: 380 } }, null],
    ['known ten minutes ago', { recorded: { longestWait: step(20.5, 381, null) } }, 380],
    ['known longer ago', { recorded: { longestWait: step(20, 381, null) } }, null],
  ],
};

const headStands: RuleTable = {
  rule: 'environment:anthropic_work_queue_head_stands:info5m',
  until: 10,
  rows: [
    ['for five minutes', { raw: { head: step(5, 1, 2) } }, 0],
    ['for less', { raw: { head: step(5.5, 1, 2) } }, null],
    ['for two replicas', { raw: { head: 1 }, second: { head: 1 } }, 0],
    ['for one of two', { raw: { head: 1 }, second: { head: (minute) => minute } }, null],
  ],
};

const neverShorter: RuleTable = {
  rule: 'environment:anthropic_work_queue_never_shorter:info10m',
  until: 30,
  rows: [
    ['as long as ever', { recorded: { waiting: 1 } }, 1],
    ['empty', { recorded: { waiting: 0 } }, null],
    ['empty ten minutes ago', { recorded: { waiting: step(25, 0, 4) } }, null],
    ['shorter ten minutes ago', { recorded: { waiting: step(20, 3, 2) } }, 2],
    ['shorter since', { recorded: { waiting: step(20.5, 3, 2) } }, null],
    ['known for ten minutes', { recorded: { waiting: step(20, null, 2) } }, 2],
    ['known for less', { recorded: { waiting: step(20.5, null, 2) } }, null],
  ],
};

/** So many seconds less each minute. */
const fallsBy =
  (seconds: number): Line =>
  (minute) =>
    2000 - seconds * minute;

const ageFalling: RuleTable = {
  rule: 'environment:anthropic_work_queue_age_falling:info15m',
  until: 30,
  given: { recorded: { overdue: 901 } },
  rows: [
    ['3½ s a minute', { recorded: { oldestAge: fallsBy(3.5) } }, -0.0583],
    ['2½ s a minute', { recorded: { oldestAge: fallsBy(2.5) } }, null],
    ['it rises', { recorded: { oldestAge: fallsBy(-1) } }, null],
    [
      'no more for the last minutes',
      { recorded: { oldestAge: (minute) => 2000 - 20 * Math.min(minute, 22) } },
      -0.1505,
    ],
    ['it rose before', { recorded: { oldestAge: (minute) => (minute < 15 ? 100 * minute : 1600 - 6 * minute) } }, -0.1],
    ['a short wait', { recorded: { oldestAge: fallsBy(6), overdue: 900 } }, null],
  ],
};

/** What was so five minutes ago, and is now; other things before. */
const after =
  (before: number, then: number, present: number | null): Line =>
  (minute) =>
    minute < 1 ? before : minute < 5.5 ? then : present;

const recovering: RuleTable = {
  rule: 'environment:anthropic_work_queue_recovering:info',
  until: 10,
  rows: [
    ['younger by more than three hundredths', { recorded: { overdue: after(500, 1000, 969) } }, 969],
    ['younger by three hundredths', { recorded: { overdue: after(500, 1000, 970) } }, null],
    ['younger by less', { recorded: { overdue: after(500, 1000, 980) } }, null],
    ['younger, and not too old any more', { recorded: { overdue: after(500, 1000, null) } }, null],
    ['too old for less than five minutes', { recorded: { overdue: during(0, 5.5, [969, null]) } }, null],
    ['falls slowly', { recorded: { ageFalling: -0.06 } }, -0.06],
    ['shrinks', { recorded: { shrinking: 87 } }, 87],
  ],
};

const shrinking: RuleTable = {
  rule: 'environment:anthropic_work_queue_shrinking:info5m',
  until: 10,
  rows: [
    ['fewer by a tenth and more than two', { recorded: { waiting: after(50, 100, 87) } }, 87],
    ['fewer by a tenth and two', { recorded: { waiting: after(50, 100, 88) } }, null],
    ['fewer behind a head that stands', { recorded: { waiting: after(50, 100, 87), headStands: 0 } }, null],
  ],
};

const takenLate: RuleTable = {
  rule: 'environment:anthropic_work_queue_taken_late:info',
  until: 20,
  given: { recorded: { oldestAge: 200, overdue: 200, headStands: step(19, 0, null) } },
  rows: [
    ['a moment ago, the next one is as old', {}, 200],
    ['and nothing is left', { recorded: { oldestAge: step(19, 400, 0), overdue: step(19, 400, null) } }, 0],
    [
      'and nothing is left, while the last head is still remembered',
      { recorded: { oldestAge: 0, overdue: step(19, 400, null), headStands: 0 } },
      0,
    ],
    ['more than two minutes ago', { recorded: { headStands: step(18, 0, null) } }, null],
    ['not yet', { recorded: { headStands: 0 } }, null],
    ['it had waited too long for a moment', { recorded: { overdue: step(17.5, null, 200) } }, 200],
    ['it had not waited for long', { recorded: { overdue: step(18.5, null, 200) } }, null],
    ['nobody can see it', { recorded: { oldestAge: null, overdue: step(19, 400, null) } }, null],
  ],
};

const noneAcknowledged: RuleTable = {
  rule: 'environment:anthropic_work_items_acknowledged:none5m',
  until: 20,
  rows: [
    ['none for five minutes', { raw: { acknowledged: step(15, 5, 6) } }, 0],
    ['none for less', { raw: { acknowledged: step(15.5, 5, 6) } }, null],
    [
      'as one of two replicas sees it',
      { raw: { acknowledged: 5 }, second: { acknowledged: (minute) => minute } },
      null,
    ],
    ['unknown', {}, null],
  ],
};

const ratioToCritical: RuleTable = {
  rule: 'environment:anthropic_work_queue_oldest_age:ratio_critical',
  until: 0,
  given: { recorded: { warningLimit: 300 } },
  rows: [
    ['half of it', { recorded: { overdue: 450, criticalLimit: 900 } }, 0.5],
    ['no limit', { recorded: { overdue: 450, criticalLimit: Infinity } }, 0],
    ['not overdue', { recorded: { oldestAge: 100, criticalLimit: 900 } }, null],
  ],
};

const steadily: RuleTable = {
  rule: 'environment:anthropic_work_queue_recovering:info3m',
  until: 10,
  rows: [
    ['for three minutes', { recorded: { recovering: step(7.5, null, 1) } }, 6],
    ['for less', { recorded: { recovering: step(8, null, 1) } }, null],
    ['before', { recorded: { recovering: during(5.5, 8.5, [null, 1]) } }, null],
  ],
};

const draining: RuleTable = {
  rule: 'environment:anthropic_work_queue_draining:info',
  until: 20,
  given: { recorded: { recoveringSteadily: 6, waiting: step(10.5, 100, 99) } },
  rows: [
    ['the queue gets shorter with the wait', { recorded: { shrinking: 87 } }, 6],
    ['it did until five minutes ago', { recorded: { shrinking: step(15.5, 87, null) } }, 6],
    ['it did before', { recorded: { shrinking: step(15, 87, null) } }, null],
    ['the wait falls for ten minutes, and one less waits', { recorded: { recovering: step(10.5, null, 1) } }, 6],
    ['the wait alone falls, for ten minutes', { recorded: { recovering: step(10.5, null, 1), waiting: 100 } }, null],
    [
      'the same, and as many waited before those ten minutes',
      { recorded: { recovering: step(10.5, null, 1), waiting: (minute) => (minute < 5 || minute > 10 ? 99 : 100) } },
      6,
    ],
    ['the wait falls, for less', { recorded: { recovering: step(11, null, 1) } }, null],
    ['the wait fell for ten minutes, before', { recorded: { recovering: during(8, 18.5, [null, 1]) } }, null],
    [
      'shorter, and its wait has not fallen for minutes',
      { recorded: { recoveringSteadily: null, shrinking: 87 } },
      null,
    ],
    ['shorter behind a head that stands', { recorded: { shrinking: 87, headStands: 0 } }, null],
  ],
};

/** Long at this minute alone. */
const longAt =
  (long: number): Line =>
  (minute) =>
    minute === long ? 500 : 10;

const longestWait: RuleTable = {
  rule: 'environment:anthropic_work_queue_oldest_age_seconds:max3h',
  until: 300,
  every: 5,
  given: { recorded: { strictAgeThreshold: 300 } },
  rows: [
    ['three hours before', { recorded: { oldestAge: longAt(110) } }, 500],
    ['longer ago', { recorded: { oldestAge: longAt(105) } }, null],
    ['ten minutes ago', { recorded: { oldestAge: longAt(290) } }, 500],
    ['since', { recorded: { oldestAge: longAt(295) } }, null],
    ['too short to excuse any wait', { recorded: { oldestAge: 30 } }, null],
    ['hardly long enough', { recorded: { oldestAge: 31 } }, 31],
    ['nearly three times the limit', { recorded: { oldestAge: 899 } }, 899],
    ['three times the limit', { recorded: { oldestAge: 900 } }, null],
  ],
};

const pausing: RuleTable = {
  rule: 'environment:anthropic_work_workers_pausing:info1h',
  until: 100,
  rows: [
    ['nobody polled for minutes within the hour', { recorded: { nobodyPolls: during(40.5, 42, [null, 0]) } }, 0],
    ['nobody polled for minutes before', { recorded: { nobodyPolls: during(35, 39.5, [null, 0]) } }, null],
    ['somebody always polled', {}, null],
  ],
};

export const QUEUE_TABLES: readonly RuleTable[] = [
  ...[overdue, unpolled, late, newlyLate, waitUsual, headStands, takenLate, neverShorter],
  ...[ageFalling, recovering, shrinking, noneAcknowledged, ratioToCritical, steadily, draining, longestWait, pausing],
];
