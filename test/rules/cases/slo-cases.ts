import { during, step } from '../support/lines.ts';
import { alone, fires, type RuleCase, replicas, whenGone } from '../support/rule-case.ts';
import { environment } from '../support/series.ts';

type Window = '1h' | '6h' | '1d' | '3d';
const SHORT = { '1h': '5m', '6h': '30m', '1d': '2h', '3d': '6h' } as const;

function burn(long: Window, value: string) {
  const severity = long === '1h' || long === '6h' ? 'critical' : 'warning';
  return fires('WaitBudgetBurn', severity, { value, with: { long, short: SHORT[long] } });
}

/** A wait beyond the objective of 300 s in one sample of `every`. */
const oneIn = (every: number) => (minute: number) => ((minute * 2) % every === 0 ? 301 : 0);

const until = (end: number, line: (minute: number) => number) => (minute: number) => (minute < end ? line(minute) : 0);

export const SLO_CASES: readonly RuleCase[] = [
  {
    name: 'WaitBudgetBurn: a total stall pages after ten minutes and ends with the stall',
    about: [],
    series: alone({ ageWarning: Infinity, ageCritical: Infinity, age: during(60, 110, [0, 301]) }),
    whole: true,
    checks: [
      [70],
      [70.5, burn('1h', '18.18%')],
      [104, burn('1h', '73.55%')],
      [104.5, burn('1h', '74.38%'), burn('6h', '42.86%')],
      [114, burn('1h', '82.64%'), burn('6h', '43.67%')],
      [114.5, burn('6h', '43.48%')],
      [138, burn('6h', '36.1%')],
      [138.5],
    ],
  },
  {
    name: 'WaitBudgetBurn: exactly the promised wait is good',
    about: ['WaitBudgetBurn'],
    series: alone({ age: 300, waitTarget: 300 }),
    checks: [[120]],
  },
  {
    name: 'WaitBudgetBurn: +Inf promises nothing',
    about: ['WaitBudgetBurn'],
    series: alone({ age: 10_000, waitTarget: Infinity }),
    checks: [[120]],
  },
  {
    name: 'WaitBudgetBurn: a rollout onto an old backlog does not burn a budget of a few samples',
    about: [],
    series: alone({ age: 600 }),
    checks: [[16], [16.5, burn('1h', '100%')]],
  },
  {
    name: 'WaitBudgetBurn: a lower objective allows for more',
    about: ['WaitBudgetBurn'],
    series: alone({ objective: 0.95, age: oneIn(5) }),
    checks: [[120]],
  },
  {
    name: 'WaitBudgetBurn: of two replicas the longer wait and the stricter objective count',
    about: [],
    series: replicas({ age: 301, objective: 0.95 }, { age: 0, objective: 0.99 }),
    checks: [[16], [16.5, burn('1h', '100%')]],
  },
  {
    name: 'WaitBudgetBurn: of two replicas the target that allows for more counts',
    about: ['WaitBudgetBurn'],
    series: replicas({ age: 301, waitTarget: 300 }, { age: 301, waitTarget: 400 }),
    checks: [[30]],
  },
  {
    name: 'WaitBudgetBurn: the stricter objective stands with either replica',
    about: [],
    series: replicas({ age: oneIn(5), objective: 0.99 }, { age: oneIn(5), objective: 0.95 }),
    checks: [[16.5, burn('1h', '20.59%')]],
  },
  {
    name: 'WaitBudgetBurn: no samples while blind',
    about: ['WaitBudgetBurn'],
    series: alone({ age: step(10, 301, null) }),
    checks: [[60]],
  },
  {
    name: 'WaitBudgetBurn: 8 % are too much for six hours',
    about: [],
    series: alone({ age: oneIn(12) }),
    checks: [[104], [104.5, burn('6h', '8.571%')]],
  },
  {
    name: 'WaitBudgetBurn: 4 % are too much for a day, until two hours forget them',
    about: [],
    series: environment({ age: until(430, oneIn(25)) }),
    checks: [[419], [419.5, burn('1d', '4.048%')], [457.5, burn('1d', '3.821%')], [458]],
  },
  {
    name: 'WaitBudgetBurn: 1.6 % are too much for three days, until six hours forget them',
    about: [],
    series: environment({ age: until(1300, oneIn(62)) }),
    checks: [[1259], [1259.5, burn('3d', '1.627%')], [1400, burn('3d', '1.499%')], [1450]],
  },
  {
    name: 'WaitBudgetBurn: 0.8 % are within the objective',
    about: ['WaitBudgetBurn'],
    series: environment({ age: oneIn(125) }),
    checks: [[1300]],
  },
  {
    name: 'WaitBudgetBurn: 4 % after a stall let the short window of six hours forget',
    about: [],
    series: environment({ age: (minute) => (minute < 110 ? 301 : oneIn(25)(minute)) }),
    checks: [[104.5, burn('1h', '100%'), burn('6h', '100%')], [160]],
  },
  {
    name: 'WaitBudgetBurn: 1.6 % after a stall let the short window of a day forget',
    about: [],
    series: environment({ age: (minute) => (minute < 430 ? oneIn(25)(minute) : oneIn(62)(minute)) }),
    checks: [[419.5, burn('1d', '4.048%')], [600]],
  },
  {
    name: 'WaitBudgetBurn: 0.8 % after more let the short window of three days forget',
    about: [],
    series: environment({ age: (minute) => (minute < 1300 ? oneIn(62)(minute) : oneIn(125)(minute)) }),
    checks: [[1259.5, burn('3d', '1.627%')], [1700]],
  },
  ...[
    { long: 'six hours', from: 400, every: 10, minute: 550 },
    { long: 'a day', from: 700, every: 25, minute: 1200 },
    { long: 'three days', from: 1300, every: 62, minute: 2100 },
  ].map(
    ({ long, from, every, minute }): RuleCase => ({
      name: `WaitBudgetBurn: the short window burns, the share of ${long} is still too small`,
      about: ['WaitBudgetBurn'],
      series: environment({ age: (at) => (at < from ? 0 : oneIn(every)(at)) }),
      checks: [[minute]],
    }),
  ),
  {
    name: 'WaitBudgetBurn: the windows reach back as far as they say',
    about: ['WaitBudgetBurn'],
    series: environment({ age: (minute) => (minute >= 200 && minute < 300 ? 301 : 0) }),
    every: 10,
    checks: [],
    recorded: [
      // Ten bad samples out of 145, then out of 433; half or twice a window would hold 73 or none of them.
      { minute: 1600, record: 'environment:anthropic_work_wait_bad:ratio_avg1d', value: 0.069 },
      { minute: 4500, record: 'environment:anthropic_work_wait_bad:ratio_avg3d', value: 0.0231 },
    ],
  },
  {
    name: 'WaitBudgetBurn: another environment of the same name has more samples, and burns in the short window',
    about: ['WaitBudgetBurn'],
    series: [
      ...environment({ age: (minute) => (minute < 30 ? null : minute < 40 ? 301 : 0) }),
      ...environment({ age: (minute) => (minute < 55 ? 0 : 301) }, { id: 'twin' }),
    ],
    checks: [[43], [57.5]],
  },
  ...whenGone({
    alert: 'WaitBudgetBurn',
    lines: { age: 301 },
    at: 30,
    gone: {
      age: [36.5, [burn('1h', '100%')]],
      waitTarget: [36.5, [burn('1h', '100%')]],
      objective: [31.5, [burn('1h', '100%')]],
    },
  }),
];
