import { during, type Line, now, step } from '../support/lines.ts';
import type { Outcome, RuleTable } from '../support/rule-table.ts';
import { JOB, type Series } from '../support/series.ts';

const time = (instance: string, line: Line, more: Readonly<Record<string, string>> = {}): Series => ({
  name: 'anthropic_work_exporter_time_seconds',
  labels: { job: JOB, instance, ...more },
  line,
});
const skew = (instance: string, connection: string, line: Line, more = {}): Series => ({
  name: 'anthropic_work_api_clock_skew_seconds',
  labels: { job: JOB, instance, connection, ...more },
  line,
});
/** Two replicas whose clocks differ by a minute, and what one showed under the labels of before. */
const TIMES = [time('a', now), time('b', (minute) => minute * 60 + 60), time('a', 1, { pod: 'before' })];

/** By replica. */
const of = (numbers: Readonly<Record<string, number>>): Outcome => ({
  samples: Object.entries(numbers).map(([instance, value]) => [{ instance }, value]),
});

const environmentInfo: RuleTable = {
  rule: 'environment:anthropic_work_environment_info:max',
  until: 0,
  rows: [
    ['two replicas', { raw: { info: 1 }, second: { info: 1 } }, { samples: [[{ connection: 'default' }, 1]] }],
    [
      'two connections',
      { raw: { info: 1, infoOther: 1 } },
      {
        samples: [
          [{ connection: 'default' }, 1],
          [{ connection: 'other' }, 1],
        ],
      },
    ],
  ],
};

const statsAge: RuleTable = {
  rule: 'environment_instance:anthropic_work_stats_age_seconds:min',
  until: 20,
  process: TIMES,
  rows: [
    ['read again and again', { raw: { lastStats: (minute) => minute * 60 - 10 } }, of({ a: 10 })],
    ['two replicas', { raw: { lastStats: 1180 }, second: { lastStats: 1100 } }, of({ a: 20, b: 160 })],
    [
      'labels of before',
      { raw: { lastStats: step(10, null, 1190) }, before: { lastStats: step(10, 500, null) } },
      of({ a: 10 }),
    ],
    ['for nearly a quarter of an hour nothing', { raw: { lastStats: step(5.5, 300, null) } }, of({ a: 900 })],
    ['for longer nothing', { raw: { lastStats: step(5, 270, null) } }, null],
    ['read until ten minutes ago', { raw: { lastStats: step(10.5, now, null) } }, of({ a: 600 })],
    ['before the clock was set back by an hour', { raw: { lastStats: 4700 } }, of({ a: 3500 })],
    ['since the clock was set back, too', { raw: { lastStats: step(15, 4700, 1190) } }, of({ a: 10 })],
    [
      'since the clock was set back, until five minutes ago',
      { raw: { lastStats: step(15, step(10, 4700, 590), null) } },
      of({ a: 610 }),
    ],
    ['only the list', { raw: { lastList: 1190 } }, null],
  ],
};

const lagging: RuleTable = {
  rule: 'environment_instance:anthropic_work_stats_lagging:info',
  until: 0,
  rows: [
    ['30 s behind', { recorded: { statsAgeOfA: 10, statsAgeOfB: 40 } }, null],
    ['31 s behind', { recorded: { statsAgeOfA: 10, statsAgeOfB: 41 } }, of({ b: 41 })],
    ['20 s behind', { recorded: { statsAgeOfA: 30, statsAgeOfB: 10 } }, null],
    ['old, and alone', { recorded: { statsAgeOfA: 500 } }, null],
  ],
};

const waiting: RuleTable = {
  rule: 'environment:anthropic_work_queue_waiting:max',
  until: 0,
  rows: [
    ['claimed and not', { raw: { depth: 3, pending: 2 }, recorded: { listedWaiting: 9 } }, 5],
    [
      'two replicas, each of which read both at once',
      { raw: { depth: 3, pending: 1 }, second: { depth: 2, pending: 3 } },
      5,
    ],
    [
      'a replica that is behind',
      { raw: { depth: 9, pending: 9 }, second: { depth: 1, pending: 1 }, recorded: { laggingA: 60 } },
      2,
    ],
    ['the list alone', { recorded: { listedWaiting: 9 } }, 9],
    ['nothing of it', { raw: { depth: 3, itemsQueued: 7 } }, null],
  ],
};

const listedWaiting: RuleTable = {
  rule: 'environment:anthropic_work_listed_waiting:info',
  until: 0,
  rows: [
    [
      'the list alone',
      { raw: { itemsQueued: 4, queuedOfOtherType: 1, itemsActive: 7 }, second: { itemsQueued: 2 } },
      5,
    ],
    ['the stats, too', { raw: { itemsQueued: 4 }, second: { depth: 3 } }, null],
    ['no waiting items', { raw: { itemsActive: 7 } }, null],
  ],
};

const listFresh: RuleTable = {
  rule: 'environment:anthropic_work_list_fresh:info',
  until: 20,
  process: TIMES,
  rows: [
    ['119 s ago', { raw: { lastList: 1081, truncated: 0 } }, 119],
    ['two minutes ago', { raw: { lastList: 1080 } }, null],
    ['before the clock was set back', { raw: { lastList: 1320 } }, null],
    ['by one of two replicas', { raw: { lastList: 1000 }, second: { lastList: 1250 } }, 10],
    [
      'by one that is behind',
      { raw: { lastList: 1000 }, second: { lastList: 1250 }, recorded: { laggingB: 60 } },
      null,
    ],
    ['not to its end', { raw: { lastList: 1190, truncated: 0 }, second: { truncated: 1 } }, null],
    ['only the stats', { raw: { lastStats: 1190 } }, null],
  ],
};

const skewed: RuleTable = {
  rule: 'environment_instance:anthropic_work_api_clock_skew_seconds:info',
  until: 0,
  process: [
    skew('a', 'default', 1.5),
    skew('b', 'default', 1),
    skew('a', 'other', 500),
    skew('b', 'other', -1.5),
    skew('a', 'default', 1.2, { pod: 'before' }),
    skew('b', 'other', -3, { pod: 'before' }),
  ],
  rows: [
    ['two replicas, and the clock of one agrees', { raw: { info: 1 }, second: { info: 1 } }, of({ a: 1.5 })],
    ['another connection', { raw: { infoOther: 1 } }, of({ a: 500 })],
    ['an exporter ahead', { second: { infoOther: 1 } }, of({ b: -1.5 })],
    ['moved to another connection', { raw: { info: 1, infoOther: 1 } }, of({ a: 500 })],
    ['of no connection', { raw: { lastStats: 1000 } }, null],
  ],
};

const clocksAgree: RuleTable = {
  ...skewed,
  process: [skew('a', 'default', -1), skew('b', 'default', 1)],
  rows: [['clocks that agree within a second', { raw: { info: 1 }, second: { info: 1 } }, null]],
};

const listReadAt: RuleTable = {
  rule: 'environment_instance:anthropic_work_list_read_timestamp_seconds:max',
  until: 0,
  rows: [
    [
      'two replicas, and the clock of one agrees',
      { raw: { lastList: 1000 }, second: { lastList: 900 }, recorded: { skewOfA: 5 } },
      of({ a: 1005, b: 900 }),
    ],
    [
      'a target that has just got another label',
      { raw: { lastList: 1000 }, before: { lastList: 990 }, recorded: { skewOfA: 5 } },
      of({ a: 1005 }),
    ],
    ['only the stats', { raw: { lastStats: 1000 } }, null],
  ],
};

const oldestAge: RuleTable = {
  rule: 'environment:anthropic_work_queue_oldest_age_seconds:max',
  until: 0,
  rows: [
    ['two replicas', { raw: { age: 100 }, second: { age: 200 } }, 200],
    ['a replica that is behind', { raw: { age: 100 }, second: { age: 200 }, recorded: { laggingB: 60 } }, 100],
    ['the list alone', { recorded: { listedAge: 600 } }, 600],
    ['the stats know it again', { raw: { age: 100 }, recorded: { listedAge: 600 } }, 100],
  ],
};

const listedAge: RuleTable = {
  rule: 'environment:anthropic_work_listed_age_seconds:info',
  until: 0,
  rows: [
    ...(
      [
        ['the list alone', {}, {}, 600],
        ['the stats know it, too', { age: 100 }, {}, null],
        ['an old list', {}, { listFresh: null }, null],
        ['a list without waiting items', { itemsQueued: 0, itemsActive: 3 }, {}, null],
        ['a list that says since when active items are', { sinceQueued: null, sinceActive: 400 }, {}, null],
      ] as const
    ).map(
      ([name, raw, recorded, outcome]) =>
        [
          name,
          {
            raw: { sinceQueued: 400, itemsQueued: 1, ...raw },
            recorded: { listReadAtA: 1000, listFresh: 10, ...recorded },
          },
          outcome,
        ] as const,
    ),
    [
      'the lists of two replicas',
      {
        raw: { sinceQueued: 400, itemsQueued: 1 },
        second: { sinceQueued: 400, itemsQueued: 1 },
        recorded: { listReadAtA: 1000, listReadAtB: 900, listFresh: 10 },
      },
      600,
    ],
    [
      'a list that is not the one with waiting items',
      { raw: { sinceQueued: 400 }, second: { itemsQueued: 1 }, recorded: { listReadAtA: 1000, listFresh: 10 } },
      null,
    ],
    [
      'a list under the labels of before',
      {
        raw: { sinceQueued: 400, itemsQueued: 1 },
        before: { sinceQueued: 500 },
        recorded: { listReadAtA: 1000, listFresh: 10 },
      },
      600,
    ],
  ],
};

const ageThresholdOff: RuleTable = {
  rule: 'environment:anthropic_work_threshold_queue_age_seconds:off',
  until: 0,
  rows: [
    ['a limit', { recorded: { strictAgeThreshold: 1e9 } }, null],
    ['none', { recorded: { strictAgeThreshold: Infinity } }, 1],
    ['archived', { raw: { archived: 5 } }, 1],
    ['not archived', {}, null],
  ],
};

const staleLimit: RuleTable = {
  rule: 'environment:anthropic_work_threshold_stale_heartbeat_items:unusual',
  until: 0,
  given: { raw: { staleWarning: 1, staleCritical: Infinity } },
  rows: [
    ['as delivered', {}, null],
    ['two for a ticket', { raw: { staleWarning: 2 } }, { samples: [[{ severity: 'warning' }, 2]] }],
    ['a page', { raw: { staleCritical: 9 } }, { samples: [[{ severity: 'critical' }, 9]] }],
    [
      'the stricter one of two replicas',
      { raw: { staleCritical: 9 }, second: { staleCritical: 8 } },
      { samples: [[{ severity: 'critical' }, 8]] },
    ],
    ['as delivered for one of two replicas', { raw: { staleWarning: 2 }, second: { staleWarning: 1 } }, null],
  ],
};

const unread: RuleTable = {
  rule: 'environment_operation:anthropic_work_read_failed:info',
  until: 0,
  rows: [
    ['read', { raw: { upStats: 1, upList: 1 } }, null],
    ['the list alone fails', { raw: { upStats: 1, upList: 0 } }, { samples: [[{ operation: 'list' }, 0]] }],
    [
      'the stats fail for both replicas',
      { raw: { upStats: 0 }, second: { upStats: 0 } },
      { samples: [[{ operation: 'stats' }, 0]] },
    ],
    ['one of two replicas reads them', { raw: { upStats: 0 }, second: { upStats: 1 } }, null],
  ],
};

const limits: RuleTable = {
  rule: 'environment:anthropic_work_threshold_queue_age_seconds:min',
  until: 0,
  given: { raw: { ageWarning: 300, ageCritical: 900 } },
  rows: [
    [
      'two replicas',
      { second: { ageWarning: 200, ageCritical: 1000 } },
      {
        samples: [
          [{ severity: 'warning' }, 200],
          [{ severity: 'critical' }, 900],
        ],
      },
    ],
    ['archived', { raw: { archived: 5 } }, null],
  ],
};

const strictAgeThreshold: RuleTable = {
  rule: 'environment:anthropic_work_threshold_queue_age_seconds:strict',
  until: 0,
  rows: [['two limits', { recorded: { warningLimit: 300, criticalLimit: 900 } }, 300]],
};

const polling: RuleTable = {
  rule: 'environment:anthropic_work_workers_polling:max2m',
  until: 10,
  rows: [
    ['two minutes ago', { raw: { polling: during(8, 8.5, [0, 3]) } }, 3],
    ['longer ago', { raw: { polling: during(7, 8, [0, 3]) } }, 0],
    ['two replicas', { raw: { polling: 1 }, second: { polling: 2 } }, 2],
    ['a replica that is behind', { raw: { polling: 1 }, second: { polling: 2 }, recorded: { laggingB: 60 } }, 1],
  ],
};

const nobodyPolls: RuleTable = {
  rule: 'environment:anthropic_work_workers_nobody_polls:info2m',
  until: 0,
  rows: [
    ['nobody', { recorded: { polling: 0 } }, 0],
    ['one', { recorded: { polling: 1 } }, null],
    ['perhaps somebody', {}, null],
  ],
};

const staleHeartbeats: RuleTable = {
  rule: 'environment_instance_state:anthropic_work_stale_heartbeat_items:max',
  until: 0,
  rows: [
    [
      'some, by state and replica',
      { raw: { staleActive: 1, staleStarting: 3, staleStopping: 0 }, second: { staleActive: 2 } },
      {
        samples: [
          [{ instance: 'a', state: 'active' }, 1],
          [{ instance: 'a', state: 'starting' }, 3],
          [{ instance: 'b', state: 'active' }, 2],
        ],
      },
    ],
    [
      'labels of before',
      { raw: { staleActive: 1 }, before: { staleActive: 2 } },
      { samples: [[{ instance: 'a', state: 'active' }, 2]] },
    ],
  ],
};

const workersLive: RuleTable = {
  rule: 'environment:anthropic_work_workers_live:max',
  until: 0,
  given: { raw: { itemsStarting: 1, itemsActive: 3, itemsStopping: 2, itemsQueued: 9 } },
  rows: [
    ['none is stale', {}, 6],
    ['two types of work', { raw: { activeOfOtherType: 4 } }, 10],
    ['some are stale', { recorded: { staleActiveA: 2, staleStartingA: 1 } }, 3],
    ['a replica that sees more of them', { second: { itemsActive: 8 }, recorded: { staleActiveB: 1 } }, 7],
    ['the same, but it is behind', { second: { itemsActive: 8 }, recorded: { laggingB: 60 } }, 6],
    ['a replica that sees more stale ones', { second: { itemsActive: 8 }, recorded: { staleActiveB: 7 } }, 6],
  ],
};

export const ENVIRONMENT_TABLES: readonly RuleTable[] = [
  ...[environmentInfo, statsAge, lagging, unread, listFresh, skewed, clocksAgree, listReadAt, listedAge, listedWaiting],
  ...[
    waiting,
    oldestAge,
    limits,
    strictAgeThreshold,
    ageThresholdOff,
    staleLimit,
    polling,
    nobodyPolls,
    staleHeartbeats,
    workersLive,
  ],
];
