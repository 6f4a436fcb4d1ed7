import { during, step } from '../support/lines.ts';
import { alone, crossed, edges, fires, lostScrapes, type RuleCase, replicas, whenGone } from '../support/rule-case.ts';
import { type EnvironmentLines, environment, exporter, NO_LIST } from '../support/series.ts';

const WAITING: EnvironmentLines = { waitTarget: Infinity, depth: 3, age: 151 };
/** Nobody polls any more from minute 10 to 40; the API's window and the rule's make that 12. */
const DESERTED = { ...WAITING, polling: during(10, 40, [2, 0]) };
const critical = fires('NoWorkers', 'critical', { value: '2m 31s' });
const warning = fires('NoWorkers', 'warning', { value: '2m 31s' });
const saturated = fires('Saturated', 'warning', { value: '2m 31s' });
const staleHeartbeats = (value: string) => fires('StaleHeartbeats', 'warning', { value });

const noWorkers: readonly RuleCase[] = [
  {
    name: 'NoWorkers: the last worker leaves',
    about: [],
    whole: true,
    series: alone(DESERTED),
    checks: [[12.5], [13, critical], [19.5, critical], [20, critical, warning], [44.5, critical, warning], [45]],
  },
  {
    name: 'NoWorkers: lost scrapes do not end the page',
    about: [],
    series: lostScrapes(alone({ ...DESERTED, polling: 0, age: during(10, 40, [0, 151]) }), [12, 13.5]),
    checks: [[10.5], [11, critical], [18, critical, warning]],
  },
  {
    name: 'NoWorkers: a fleet at zero has half of the age threshold to scale up',
    about: [],
    series: alone({ ...WAITING, polling: 0, age: during(10, 40, [150, 151]) }),
    checks: [[10.5], [11, critical], [17.5, critical], [18, critical, warning], [44.5, critical, warning], [45]],
  },
  {
    name: 'NoWorkers: with +Inf for both ages nobody waits for this environment',
    about: ['NoWorkers'],
    series: alone({ ...DESERTED, age: 10_000, ageWarning: Infinity, ageCritical: Infinity }),
    checks: [[30]],
  },
  {
    name: 'NoWorkers: scaled to zero on purpose, nothing queued',
    about: ['NoWorkers', 'Saturated'],
    whole: true,
    series: alone({ polling: 0 }),
    checks: [[30]],
  },
  {
    name: 'NoWorkers: a list two minutes old proves nothing',
    about: [],
    series: alone({ ...DESERTED, lastList: (minute) => minute * 60 - 120 }),
    checks: [[19.5], [20, warning]],
  },
  {
    name: 'NoWorkers: a list just younger than two minutes is evidence',
    about: [],
    series: alone({ ...DESERTED, lastList: (minute) => minute * 60 - 119 }),
    checks: [[12.5], [13, critical]],
  },
  {
    name: 'NoWorkers: a truncated list proves nothing, until it is whole again',
    about: [],
    series: alone({ ...DESERTED, truncated: step(30, 1, null) }),
    checks: [
      [30, warning, fires('ItemListTruncated', 'warning')],
      [32.5, warning],
      [33, critical, warning],
    ],
  },
  {
    name: 'NoWorkers: every running item is stale',
    about: [],
    series: alone({ ...DESERTED, itemsActive: 2, staleActive: 2 }),
    checks: [[30, critical, warning, staleHeartbeats('2')]],
  },
  {
    name: 'NoWorkers: of two replicas one saw a poll',
    about: ['NoWorkers'],
    series: replicas(DESERTED, { ...DESERTED, polling: 1 }),
    checks: [[30]],
  },
  {
    name: 'NoWorkers: of two replicas one saw a live item',
    about: ['NoWorkers'],
    series: replicas(DESERTED, { ...DESERTED, itemsActive: 1 }),
    checks: [[30, saturated]],
  },
  {
    name: 'NoWorkers: of two replicas the fresher list, the older item and the stricter threshold count',
    about: [],
    series: replicas(
      { ...DESERTED, lastList: (minute) => minute * 60 - 600 },
      { ...DESERTED, age: 0, ageWarning: 5000, ageCritical: 5000 },
    ),
    checks: [[13, critical]],
  },
  {
    name: 'NoWorkers: of two replicas one read a truncated list',
    about: ['NoWorkers'],
    series: replicas(DESERTED, { ...DESERTED, truncated: 1 }),
    checks: [[20, warning, fires('ItemListTruncated', 'warning')]],
  },
  {
    name: 'NoWorkers: the numbers of items are gone, so the page is not renewed',
    about: ['NoWorkers'],
    series: alone({
      ...WAITING,
      polling: 0,
      itemsStarting: step(30, 0, null),
      itemsActive: step(30, 0, null),
      itemsStopping: step(30, 0, null),
    }),
    checks: [
      [36.5, critical, warning],
      [37, warning],
    ],
  },
  {
    name: 'NoWorkers: the numbers of stale items are gone, so the page is not renewed',
    about: ['NoWorkers'],
    series: alone({
      ...WAITING,
      polling: 0,
      staleStarting: step(30, 0, null),
      staleActive: step(30, 0, null),
      staleStopping: step(30, 0, null),
    }),
    checks: [
      [36.5, critical, warning],
      [37, warning],
    ],
  },
  {
    name: 'NoWorkers: a fleet without a readable list may be busy: no page',
    about: [],
    whole: true,
    series: alone({ ...DESERTED, ...NO_LIST }),
    checks: [[14.5], [19.5, fires('ListNotConfigured', 'info')], [20, warning, fires('ListNotConfigured', 'info')]],
  },
  ...crossed({
    alert: 'NoWorkers',
    sick: DESERTED,
    off: { age: 0 },
    spoilt: { 'the absence of polls': { polling: 2 } },
  }),
  {
    name: 'NoWorkers: only another environment of the same name has no live item, and a fresh list',
    about: [],
    series: [
      ...exporter(),
      ...environment({ ...DESERTED, lastList: 0 }),
      ...environment({ polling: 0 }, { id: 'twin' }),
    ],
    checks: [[19.5], [20, warning]],
  },
  {
    name: 'NoWorkers: another environment of the same name has a truncated list and a live item',
    about: [],
    series: [...alone(DESERTED), ...environment({ truncated: 1, itemsActive: 1 }, { id: 'other' })],
    checks: [[20, critical, warning]],
  },
  {
    name: 'NoWorkers: items of two states are stale',
    about: [],
    series: alone({ ...DESERTED, itemsActive: 1, itemsStopping: 1, staleActive: 1, staleStopping: 1, staleWarning: 9 }),
    checks: [[13, critical]],
  },
  ...whenGone({
    alert: 'NoWorkers',
    lines: { ...WAITING, polling: 0 },
    at: 30,
    gone: {
      age: [36.5, [critical, warning]],
      polling: [36.5, [critical, warning]],
      lastList: [36, [critical, warning], [warning]],
      ageWarning: [36.5, [critical, warning]],
    },
  }),
];

const BUSY = { ...WAITING, polling: 0, itemsActive: 2, age: during(10, 40, [150, 151]) };

const saturation: readonly RuleCase[] = [
  {
    name: 'Saturated: serial workers do not poll while they work',
    about: ['NoWorkers'],
    whole: true,
    series: alone(BUSY),
    checks: edges([saturated], { on: 18, off: 40, keep: 5 }),
  },
  {
    name: 'Saturated: in a large fleet some worker always polls, and the head of the queue moves',
    about: ['NoWorkers'],
    whole: true,
    series: alone({ ...BUSY, polling: 3, head: (minute) => 60 + Math.min(minute, 20) }),
    checks: edges([saturated], { on: 18, off: 30, keep: 5 }),
  },
  {
    name: 'Saturated: workers poll and the head does not move: that is another trouble',
    about: ['Saturated'],
    series: alone({ ...BUSY, polling: 3, head: 60 }),
    checks: [[30]],
  },
  {
    name: 'Saturated: of two replicas one saw the head move',
    about: [],
    series: replicas({ ...BUSY, polling: 3, head: 60 }, { ...BUSY, polling: 3, head: (minute) => 60 + minute }),
    checks: [[30, saturated]],
  },
  {
    name: 'Saturated: a queue that is served within the patience is no trouble',
    about: ['Saturated'],
    series: alone({ ...BUSY, age: 150 }),
    checks: [[30]],
  },
  ...(['itemsStarting', 'itemsActive', 'itemsStopping'] as const).map(
    (key): RuleCase => ({
      name: `Saturated: ${key} alone count as busy workers`,
      about: ['NoWorkers'],
      series: alone({ ...BUSY, itemsActive: 0, [key]: 1 }),
      checks: [[30, saturated]],
    }),
  ),
  {
    name: 'Saturated: stale items of one state do not cancel live ones of another',
    about: ['NoWorkers'],
    series: alone({ ...BUSY, itemsActive: 1, itemsStopping: 1, staleStopping: 1 }),
    checks: [[30, saturated]],
  },
  {
    name: 'Saturated: items that are queued or unknown are nobody at work',
    about: [],
    series: alone({ ...BUSY, itemsActive: 0, itemsQueued: 3, itemsOther: 1 }),
    checks: [[18, critical, warning]],
  },
  {
    name: 'Saturated: replicas that read at different times are not mixed',
    about: [],
    series: replicas({ ...BUSY, staleActive: 2 }, { ...BUSY, itemsActive: 3 }),
    checks: [[18, saturated, staleHeartbeats('2')]],
  },
  ...crossed({
    alert: 'Saturated',
    sick: BUSY,
    off: { age: 0 },
    spoilt: { 'the absence of polls': { polling: 3 } },
  }),
  {
    name: 'Saturated: only another environment of the same name has live items',
    about: ['Saturated'],
    series: [
      ...exporter(),
      ...environment({ ...BUSY, itemsActive: 0, truncated: 0 }),
      ...environment({ ...BUSY, age: 0 }, { id: 'twin' }),
    ],
    checks: [[18, critical, warning]],
  },
  ...whenGone({
    alert: 'Saturated',
    lines: { ...WAITING, polling: 0, itemsActive: 2 },
    at: 30,
    gone: { age: [36.5, [saturated]], itemsActive: [36.5, [saturated]], polling: [36.5, [saturated]] },
  }),
];

const SHORT = { minWorkers: 2, polling: during(20, 40, [2, 1]) };
const below = (value: string) => fires('WorkersBelowMinimum', 'warning', { value });

const minimum: readonly RuleCase[] = [
  {
    name: 'WorkersBelowMinimum: one of two is lost, and comes back',
    about: [],
    whole: true,
    series: alone(SHORT),
    checks: [[24.5], [25, below('1.476')], [54.5, below('1.952')], [55]],
  },
  {
    name: 'WorkersBelowMinimum: a busy worker counts',
    about: ['WorkersBelowMinimum'],
    series: alone({ ...SHORT, itemsActive: 1 }),
    checks: [[35]],
  },
  {
    name: 'WorkersBelowMinimum: a busy worker without heartbeats does not',
    about: [],
    series: alone({ ...SHORT, polling: 1, itemsActive: 1, staleActive: 1, staleWarning: 5 }),
    checks: [[35, below('1')]],
  },
  {
    name: 'WorkersBelowMinimum: the stricter of two replicas counts',
    about: [],
    series: replicas({ ...SHORT, polling: 1 }, { ...SHORT, polling: 1, minWorkers: 0 }),
    checks: [[35, below('1')]],
  },
  {
    name: 'WorkersBelowMinimum: one of two replicas sees both workers',
    about: ['WorkersBelowMinimum'],
    series: replicas({ ...SHORT, polling: 1 }, { ...SHORT, polling: 2 }),
    checks: [[35]],
  },
  ...whenGone({
    alert: 'WorkersBelowMinimum',
    lines: { minWorkers: 2, polling: 1 },
    at: 30,
    gone: {
      minWorkers: [36.5, [below('1')]],
      polling: [46.5, [below('1')]],
      itemsActive: [30, [below('1')], [below('1')]],
    },
  }),
];

const unknown = fires('WorkersUnknown', 'info');

const workersUnknown: readonly RuleCase[] = [
  {
    name: 'WorkersUnknown: null is unknown, not zero',
    about: ['NoWorkers'],
    whole: true,
    series: alone({ ...WAITING, polling: during(10, 50, [2, null]) }),
    checks: edges([unknown], { on: 30, off: 50 }),
  },
  {
    name: 'WorkersUnknown: zero is a number',
    about: ['WorkersUnknown'],
    series: alone({ polling: 0 }),
    checks: [[30]],
  },
  {
    name: 'WorkersUnknown: one of two replicas knows',
    about: ['WorkersUnknown'],
    series: replicas({ polling: null }, {}),
    checks: [[30]],
  },
  ...whenGone({ alert: 'WorkersUnknown', lines: { polling: null }, at: 30, gone: { depth: [31.5, [unknown]] } }),
];

export const WORKER_CASES = [...noWorkers, ...saturation, ...minimum, ...workersUnknown];
