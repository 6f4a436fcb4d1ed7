import { ageFrom, during, step } from '../support/lines.ts';
import { alone, crossed, edges, fires, lostScrapes, type RuleCase, replicas, whenGone } from '../support/rule-case.ts';
import { type EnvironmentLines, environment } from '../support/series.ts';

/** No wait objective: these cases are about other alerts. */
const QUIET: EnvironmentLines = { waitTarget: Infinity };

const TOO_OLD = { ...QUIET, age: during(10, 40, [0, 901]) };
const oldCritical = fires('OldestItemTooOld', 'critical', { value: '15m 1s' });
const oldWarning = fires('OldestItemTooOld', 'warning', { value: '15m 1s' });
const bothOld = [oldCritical, oldWarning];

const oldestItemTooOld: readonly RuleCase[] = [
  {
    name: 'OldestItemTooOld: critical after 2 minutes, warning after 5, both kept for 5',
    about: [],
    whole: true,
    series: alone(TOO_OLD),
    checks: [[11.5], [12, oldCritical], [14.5, oldCritical], [15, ...bothOld], [44.5, ...bothOld], [45]],
  },
  {
    name: 'OldestItemTooOld: three lost scrapes neither delay nor end the page',
    about: [],
    series: lostScrapes(alone(TOO_OLD), [10.5, 12]),
    checks: [[11.5], [12, oldCritical], [15, ...bothOld]],
  },
  {
    name: 'OldestItemTooOld: exactly the critical threshold is a warning',
    about: [],
    series: alone({ ...QUIET, age: 900 }),
    checks: [[30, fires('OldestItemTooOld', 'warning', { value: '15m 0s' })]],
  },
  {
    name: 'OldestItemTooOld: exactly the warning threshold is nothing',
    about: ['OldestItemTooOld'],
    series: alone({ ...QUIET, age: 300 }),
    checks: [[30]],
  },
  {
    name: 'OldestItemTooOld: +Inf switches one severity off',
    about: [],
    series: alone({ ...TOO_OLD, ageCritical: Infinity }),
    checks: [[30, oldWarning]],
  },
  {
    name: 'OldestItemTooOld: of two replicas the older item and the stricter threshold count',
    about: [],
    series: replicas(TOO_OLD, { ...QUIET, ageCritical: 5000, ageWarning: 5000 }),
    checks: [[15, ...bothOld]],
  },
  ...whenGone({
    alert: 'OldestItemTooOld',
    lines: { ...QUIET, age: 901 },
    at: 30,
    gone: {
      age: [36.5, bothOld],
      ageCritical: [36.5, bothOld, [oldWarning]],
      ageWarning: [36.5, bothOld, [oldCritical]],
    },
  }),
];

const STUCK = { ...QUIET, age: 61, pending: during(10, 40, [0, 2]) };
const stuck = fires('PendingStuck', 'warning', { value: '2' });

const pendingStuck: readonly RuleCase[] = [
  {
    name: 'PendingStuck: five minutes of pending items, five more of patience',
    about: [],
    whole: true,
    series: alone(STUCK),
    checks: edges([stuck], { on: 20, off: 40, keep: 5 }),
  },
  {
    name: 'PendingStuck: in a fast queue some item is always pending, but never long',
    about: ['PendingStuck'],
    series: alone({ ...STUCK, age: 60 }),
    checks: [[30]],
  },
  {
    name: 'PendingStuck: in a fast queue with a backlog others are acknowledged all the time',
    about: ['PendingStuck'],
    series: alone({ ...STUCK, age: 140, acknowledged: (minute) => minute * 2 }),
    checks: [[30]],
  },
  {
    name: 'PendingStuck: acknowledgements stop',
    about: [],
    series: alone({ ...STUCK, acknowledged: (minute) => Math.min(minute, 18) * 2 }),
    checks: [[27.5], [28, stuck]],
  },
  {
    name: 'PendingStuck: of two replicas the one that counts more counts',
    about: [],
    series: replicas(STUCK, { ...QUIET, age: 61 }),
    checks: [[30, stuck]],
  },
  {
    name: 'PendingStuck: one of two replicas saw acknowledgements',
    about: ['PendingStuck'],
    series: replicas(STUCK, { ...STUCK, acknowledged: (minute) => minute * 2 }),
    checks: [[30]],
  },
  {
    name: 'PendingStuck: one item',
    about: [],
    series: alone({ ...STUCK, pending: 1 }),
    checks: [[20, fires('PendingStuck', 'warning', { value: '1' })]],
  },
  ...crossed({
    alert: 'PendingStuck',
    sick: STUCK,
    off: { pending: 0 },
    spoilt: { 'the age': { age: 60 } },
  }),
  {
    name: 'PendingStuck: acknowledgements in another environment of the same name',
    about: [],
    series: [...alone(STUCK), ...environment({ acknowledged: (minute) => minute * 2 }, { id: 'other' })],
    checks: [[20, stuck]],
  },
  ...whenGone({
    alert: 'PendingStuck',
    lines: { ...QUIET, age: 61, pending: 2 },
    at: 30,
    gone: { pending: [39.5, [stuck]], age: [36.5, [stuck]] },
  }),
];

/** The head of the queue changes until minute 20. */
const MOVING_HEAD = (minute: number) => 60 + Math.min(minute, 20);
const BLOCKED = { ...QUIET, ageCritical: Infinity, age: during(0, 60, [0, 901]), head: MOVING_HEAD };
const blocked = fires('HeadOfLineBlocked', 'warning', { value: '15m 1s' });

const headOfLineBlocked: readonly RuleCase[] = [
  {
    name: 'HeadOfLineBlocked: the same head for 15 minutes while workers poll',
    about: [],
    whole: true,
    series: alone(BLOCKED),
    checks: [[39.5, oldWarning], [40, blocked, oldWarning], [64.5, blocked, oldWarning], [65]],
  },
  {
    name: 'HeadOfLineBlocked: younger than 15 minutes',
    about: ['HeadOfLineBlocked'],
    series: alone({ ...BLOCKED, age: 900 }),
    checks: [[50, fires('OldestItemTooOld', 'warning', { value: '15m 0s' })]],
  },
  {
    name: 'HeadOfLineBlocked: an environment that allows for more',
    about: ['HeadOfLineBlocked'],
    series: alone({ ...BLOCKED, ageWarning: 901 }),
    checks: [[50]],
  },
  {
    name: 'HeadOfLineBlocked: once in 15 minutes no worker polled, so they are busy',
    about: [],
    series: alone({ ...BLOCKED, polling: during(30, 30.5, [2, 0]) }),
    checks: [
      [50, oldWarning],
      [50.5, blocked, oldWarning],
    ],
  },
  {
    name: 'HeadOfLineBlocked: a single worker polls',
    about: [],
    series: alone({ ...BLOCKED, polling: 1 }),
    checks: [[50, blocked, oldWarning]],
  },
  {
    name: 'HeadOfLineBlocked: one of two replicas saw the head move',
    about: ['HeadOfLineBlocked'],
    series: replicas(BLOCKED, { ...BLOCKED, head: (minute) => 60 + minute }),
    checks: [[50, oldWarning]],
  },
  {
    name: 'HeadOfLineBlocked: one of two replicas saw nobody poll',
    about: ['HeadOfLineBlocked'],
    series: replicas(BLOCKED, { ...BLOCKED, polling: 0 }),
    checks: [[50, oldWarning]],
  },
  ...crossed({
    alert: 'HeadOfLineBlocked',
    sick: { ...BLOCKED, ageCritical: Infinity },
    off: { age: 0 },
    spoilt: {
      'the threshold': { ageWarning: 2000 },
      'the head': { head: (minute) => 60 + minute },
      'the polling': { polling: 0 },
    },
    minute: 45,
    firing: [],
  }),
  {
    name: 'HeadOfLineBlocked: another environment of the same name is younger and above its own threshold',
    about: ['HeadOfLineBlocked'],
    series: [
      ...environment({ ...BLOCKED, ageWarning: 2000 }),
      ...environment({ ...BLOCKED, age: 700, ageWarning: 600 }, { id: 'twin' }),
    ],
    checks: [[50]],
  },
  ...whenGone({
    alert: 'HeadOfLineBlocked',
    lines: { ...QUIET, age: 901, head: 60 },
    at: 40,
    gone: {
      age: [46.5, [blocked]],
      head: [59.5, [blocked]],
      polling: [59.5, [blocked]],
      ageWarning: [46.5, [blocked]],
    },
  }),
];

const deepWarning = fires('DepthHigh', 'warning', { value: '101' });
const DEEP = { depth: during(10, 50, [0, 101]) };

const depthHigh: readonly RuleCase[] = [
  {
    name: 'DepthHigh: 15 minutes above the threshold',
    about: [],
    whole: true,
    series: alone(DEEP),
    checks: edges([deepWarning], { on: 25, off: 50, keep: 5 }),
  },
  {
    name: 'DepthHigh: both severities',
    about: [],
    series: alone({ ...DEEP, depthCritical: 100, depthWarning: 50 }),
    checks: edges([fires('DepthHigh', 'critical', { value: '101' }), deepWarning], { on: 25, off: 50, keep: 5 }),
  },
  { name: 'DepthHigh: exactly the threshold', about: ['DepthHigh'], series: alone({ depth: 100 }), checks: [[40]] },
  {
    name: 'DepthHigh: exactly the critical threshold',
    about: ['DepthHigh'],
    series: alone({ depth: 100, depthCritical: 100 }),
    checks: [[40]],
  },
  {
    name: 'DepthHigh: of two replicas the deeper queue and the stricter threshold count',
    about: [],
    series: replicas(DEEP, { depthWarning: 1000 }),
    checks: [[25, deepWarning]],
  },
  ...whenGone({
    alert: 'DepthHigh',
    lines: { depth: 101, depthCritical: 100 },
    at: 30,
    gone: {
      depth: [36.5, [deepWarning, fires('DepthHigh', 'critical', { value: '101' })]],
      depthWarning: [
        36.5,
        [deepWarning, fires('DepthHigh', 'critical', { value: '101' })],
        [fires('DepthHigh', 'critical', { value: '101' })],
      ],
      depthCritical: [36.5, [deepWarning, fires('DepthHigh', 'critical', { value: '101' })], [deepWarning]],
    },
  }),
];

/** Two items a minute from minute 20 on: 51 at 45.5, which is more than half of the threshold of 100. */
const growth = (end: number) => (minute: number) => Math.max(0, Math.min(minute, end) - 20) * 2;
const growing = fires('BacklogGrowing', 'warning', { value: '33.33m' });

const backlogGrowing: readonly RuleCase[] = [
  {
    name: 'BacklogGrowing: fires while the backlog is above that of 30 minutes ago',
    about: [],
    whole: true,
    series: alone({ depth: growth(65) }),
    checks: [[60], [60.5, growing], [94.5, fires('BacklogGrowing', 'warning', { value: '52.88u' })], [95]],
  },
  {
    name: 'BacklogGrowing: up to half of the threshold it may grow',
    about: ['BacklogGrowing'],
    series: alone({ depth: growth(45) }),
    checks: [[60], [74]],
  },
  {
    name: 'BacklogGrowing: growing again, but smaller than half an hour ago',
    about: [],
    series: alone({ depth: (minute) => (minute < 20 ? 95 : 32 + minute) }),
    checks: [[64.5], [65, fires('BacklogGrowing', 'warning', { value: '16.67m' })]],
  },
  {
    name: 'BacklogGrowing: a burst that drains ends it',
    about: [],
    series: alone({ depth: (minute) => (minute < 44 ? 0 : minute < 60 ? 50 : 99 - (minute - 60)) }),
    checks: [[74.5], [75, fires('BacklogGrowing', 'warning', { value: '31.83m' })], [88]],
  },
  ...crossed({
    alert: 'BacklogGrowing',
    sick: { depth: growth(100) },
    off: { depth: 90 },
    spoilt: { 'the depth': { depthWarning: 1000 } },
    minute: 65,
  }),
  {
    name: 'BacklogGrowing: another environment of the same name has grown, far from its threshold',
    about: ['BacklogGrowing'],
    series: [
      ...environment({ depth: (minute) => (minute < 20 ? 95 : 32 + minute) }),
      ...environment({ depth: growth(100), depthWarning: 1000 }, { id: 'twin' }),
    ],
    checks: [[64.5]],
  },
  ...whenGone({
    alert: 'BacklogGrowing',
    lines: { depth: growth(100) },
    at: 62,
    gone: {
      depth: [63.5, [fires('BacklogGrowing', 'warning', { value: '32.82m' })]],
      depthWarning: [63.5, [growing]],
    },
  }),
];

const growsWhileWaiting: readonly RuleCase[] = [
  {
    name: 'an item that nobody takes: warning, then page, as its age grows',
    about: [],
    whole: true,
    series: alone({ ...QUIET, depth: 1, age: ageFrom(10), polling: 2, head: step(10, null, 600) }),
    checks: [
      [20],
      [20.5, fires('OldestItemTooOld', 'warning', { value: '10m 30s' })],
      [27, fires('OldestItemTooOld', 'warning', { value: '17m 0s' })],
      [
        27.5,
        fires('OldestItemTooOld', 'warning', { value: '17m 30s' }),
        fires('OldestItemTooOld', 'critical', { value: '17m 30s' }),
      ],
    ],
  },
];

export const QUEUE_CASES = [
  ...oldestItemTooOld,
  ...pendingStuck,
  ...headOfLineBlocked,
  ...depthHigh,
  ...backlogGrowing,
  ...growsWhileWaiting,
];
