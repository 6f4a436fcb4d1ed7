import { during, type Line, step } from '../support/lines.ts';
import { alone, edges, fires, lostScrapes, type RuleCase, replicas, withTwin } from '../support/rule-case.ts';
import { type EnvironmentLines, environment, exporter, JOB, type Series } from '../support/series.ts';
import { RUNS_CASES } from './runs-cases.ts';

const waiting = fires('SessionWaiting', 'warning');
/** Idle since minute 10: its half hour is over after minute 40, and two more minutes must pass. */
const SINCE = 600;
const WAITS: EnvironmentLines = { sessionSince: SINCE };
const AT_42 = { on: 42.5, off: 62, keep: 10 };

/** The same target under the labels that it had a moment ago, with what it showed then. */
const before = (name: string, labels: Readonly<Record<string, string>>, line: Line): Series => ({
  name,
  labels: { job: JOB, instance: 'a', pod: 'before', ...labels },
  line,
});
const OF_E = { environment_id: 'e', environment_name: 'x' };
const skewOf = (connection: string, line: Line, instance = 'a'): Series => ({
  name: 'anthropic_work_api_clock_skew_seconds',
  labels: { job: JOB, instance, connection },
  line,
});

const waits: readonly RuleCase[] = [
  {
    name: 'SessionWaiting: for half an hour, until somebody answers',
    about: [],
    series: alone({ sessionSince: during(11, 60, [null, SINCE]) }),
    checks: edges([waiting], AT_42),
  },
  {
    name: 'SessionWaiting: three scrapes are lost while it is pending',
    about: [],
    series: lostScrapes(alone(WAITS), [41, 42.5]),
    checks: [[42], [42.5, waiting]],
  },
  {
    name: 'SessionWaiting: the limit is gone',
    about: [],
    series: alone({ ...WAITS, sessionLimit: step(41, 1800, null) }),
    checks: edges([waiting], { on: 42.5, off: 43, keep: 10 }),
  },
  {
    name: 'SessionWaiting: of two replicas the one counts that saw it for longer',
    about: [],
    series: replicas(WAITS, { sessionSince: 2400 }),
    checks: [[42], [42.5, waiting]],
  },
  {
    name: 'SessionWaiting: of two configurations the stricter one counts',
    about: [],
    series: replicas(WAITS, { ...WAITS, sessionLimit: 3600 }),
    checks: [[42], [42.5, waiting]],
  },
  {
    name: 'SessionWaiting: the labels of the target have just changed',
    about: [],
    series: [
      ...alone(WAITS),
      before('anthropic_work_exporter_time_seconds', {}, (minute) => minute * 60 - 300),
      before(
        'anthropic_work_session_oldest_wait_timestamp_seconds',
        { ...OF_E, reason: 'requires_action' },
        SINCE + 300,
      ),
    ],
    checks: [[42], [42.5, waiting]],
  },
];

const clocks: readonly RuleCase[] = [
  {
    name: 'SessionWaiting: the clock of the API is ten minutes ahead',
    about: [],
    series: [...exporter({ skew: 600 }), ...environment({ sessionSince: SINCE + 600 })],
    checks: [[42], [42.5, waiting]],
  },
  {
    name: 'SessionWaiting: the clock of the API is ten minutes behind',
    about: [],
    series: [...exporter({ skew: -600 }), ...environment({ sessionSince: 0 })],
    checks: [[42], [42.5, waiting]],
  },
  {
    name: 'SessionWaiting: the clock of the API is ahead, and three scrapes are lost while it is pending',
    about: [],
    series: lostScrapes([...exporter({ skew: 600 }), ...environment({ sessionSince: SINCE + 600 })], [41, 42.5]),
    checks: [[42], [42.5, waiting]],
  },
  {
    name: 'SessionWaiting: the skew was another one under the labels of before',
    about: [],
    series: [
      ...exporter({ skew: 600 }),
      ...environment({ sessionSince: SINCE + 600 }),
      before('anthropic_work_api_clock_skew_seconds', { connection: 'default' }, 0),
    ],
    checks: [[42], [42.5, waiting]],
  },
  {
    name: 'SessionWaiting: an environment that has just gone to another connection, which is ahead',
    about: [],
    series: [
      ...alone({ sessionSince: SINCE + 600 }),
      skewOf('other', 600),
      before('anthropic_work_environment_info', { ...OF_E, connection: 'other' }, 1),
    ],
    checks: [[42], [42.5, waiting]],
  },
  ...(['skew', 'info'] as const).map(
    (gone): RuleCase => ({
      name: `SessionWaiting: over its limit by the skew alone, whose ${gone} is gone`,
      about: ['SessionWaiting'],
      series: [
        ...exporter({ skew: gone === 'skew' ? step(38, 600, null) : 600 }),
        ...environment({ sessionSince: 1150, ...(gone === 'info' ? { info: step(38, 1, null) } : {}) }),
      ],
      checks: [[41.5], [43]],
    }),
  ),
  {
    name: 'SessionWaiting: a skew of more than the limit, and nobody waits',
    about: ['SessionWaiting'],
    series: [...exporter({ skew: 2000 }), ...environment()],
    checks: [[20]],
  },
  {
    name: 'SessionWaiting: a skew of more than the limit, and nobody waits any more',
    about: ['SessionWaiting'],
    series: [
      ...exporter({ skew: 600 }),
      ...environment({ sessionLimit: 300, sessionSince: step(20, (minute) => minute * 60 + 600, null) }),
    ],
    checks: [[24], [25], [26]],
  },
  {
    name: 'SessionWaiting: a skew of more than the limit, and one of two replicas knows that somebody waits',
    about: ['SessionWaiting'],
    series: [
      ...exporter({ skew: 2000 }),
      ...exporter({ skew: 2000 }, { instance: 'b' }),
      ...environment({ sessionSince: (minute) => minute * 60 + 2000 }),
      ...environment({}, { instance: 'b' }),
    ],
    checks: [[20]],
  },
  {
    name: 'SessionWaiting: a skew of more than the limit, and somebody waits in another environment of that name',
    about: ['SessionWaiting'],
    series: [
      ...exporter({ skew: 2000 }),
      ...environment({ sessionSince: (minute) => minute * 60 + 2000 }),
      ...environment({}, { id: 'twin' }),
    ],
    checks: [[20]],
  },
  {
    name: 'SessionWaiting: in one of two environments of that name',
    about: [],
    series: withTwin(WAITS),
    checks: [[42], [42.5, waiting]],
  },
];

const ended = fires('SessionEndedItemLive', 'warning');
const redelivered = fires('RedeliveryLoop', 'warning');

/** A count of items that is to be 0, and for how many minutes it may be more. */
const counts = (
  [
    ['SessionEndedItemLive', 'terminated', ended, 10],
    ['RedeliveryLoop', 'redelivered', redelivered, 1],
  ] as const
).flatMap(([alert, key, firing, patience]): RuleCase[] => [
  {
    name: `${alert}: one item, for half an hour`,
    about: [],
    series: alone({ [key]: during(10, 40, [0, 1]) }),
    checks: edges([firing], { on: 10 + patience, off: 40, keep: 10 }),
  },
  {
    name: `${alert}: one item, and nothing more is read`,
    about: [],
    series: alone({ [key]: step(40, 1, null) }),
    checks: edges([firing], { on: patience, off: 42, keep: 10 }),
  },
  {
    name: `${alert}: seen by one of two replicas`,
    about: [],
    series: replicas({ [key]: 1 }, { [key]: 0 }),
    checks: [[20, firing]],
  },
  { name: `${alert}: none`, about: [alert], series: alone({ [key]: 0, sessionsIdle: 1 }), checks: [[40]] },
]);

export const SESSION_CASES = [...waits, ...clocks, ...counts, ...RUNS_CASES];
