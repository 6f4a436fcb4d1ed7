import { during, type Line, step } from '../support/lines.ts';
import type { ShortName } from '../support/rule-case.ts';
import type { Inputs, Outcome, Row, RuleTable } from '../support/rule-table.ts';
import { from, ON } from '../support/table-parts.ts';

/** An alert that is out at one minute alone. */
const onceOut = (alert: ShortName, minute: number): Inputs => ({
  alerts: [[alert, 'critical', during(minute, minute + 0.5, [null, 1])]],
});
/** A counter that grows by so many at one minute. */
const jump = (minute: number, by: number): Line => step(minute, 100, 100 + by);

const lapses: RuleTable = {
  rule: 'environment:anthropic_work_items_lapsed:increase15m',
  until: 20,
  rows: [
    ['three, ten minutes ago', { raw: { lapsed: jump(10, 3) } }, 3.0167],
    ['three, fourteen minutes ago', { raw: { lapsed: jump(6, 3) } }, 3.0167],
    ['three, longer ago', { raw: { lapsed: jump(4, 3) } }, null],
    ['two', { raw: { lapsed: jump(10, 2) } }, 2.0111],
    ['one', { raw: { lapsed: jump(10, 1) } }, null],
    ['seen by one of two replicas', { raw: { lapsed: 0 }, second: { lapsed: jump(10, 3) } }, 3.0167],
  ],
};

const lapsedNow: RuleTable = {
  rule: 'environment:anthropic_work_items_lapsed:increase5m',
  until: 20,
  rows: [
    ['a moment ago', { raw: { lapsed: jump(15.5, 1) } }, 1.0167],
    ['before', { raw: { lapsed: jump(15, 1) } }, null],
    ['seen by one of two replicas', { raw: { lapsed: 0 }, second: { lapsed: jump(18, 1) } }, 1.0167],
  ],
};

const losing: RuleTable = {
  rule: 'environment:anthropic_work_runs_losing:info5m',
  until: 20,
  given: { recorded: { lapsedNow: 3 }, raw: { stopped: 0 } },
  rows: [
    ['no run finishes', {}, 3],
    ['fewer finish', { raw: { stopped: jump(18, 2) } }, 3],
    ['as many finish', { raw: { stopped: jump(18, 3) } }, null],
    ['as many finished four minutes ago', { raw: { stopped: jump(16, 3) } }, null],
    ['neither', { recorded: { lapsedNow: 0 } }, null],
    ['as many finished before', { raw: { stopped: jump(15, 3) } }, 3],
    ['one of two replicas sees as many finish', { second: { stopped: jump(18, 3) } }, null],
    ['none lapses', { recorded: { lapsedNow: null } }, null],
  ],
};

const lapsing: RuleTable = {
  rule: 'environment:anthropic_work_leases_lapsing:increase15m',
  until: 30,
  given: { recorded: { lapses: 3 } },
  rows: [
    ['half a minute of silence for each', { recorded: { silentActiveA: during(10, 11.5, [null, 1]) } }, 3],
    ['the same, longer ago', { recorded: { silentActiveA: during(8.5, 10, [null, 1]) } }, null],
    ['less silence', { recorded: { silentActiveA: during(20, 21, [null, 1]) } }, null],
    ['just not enough', { recorded: { lapses: 5.5, silentActiveA: during(20, 22.5, [null, 1]) } }, null],
    [
      'two states together',
      { recorded: { silentActiveA: during(20, 21, [null, 1]), silentStartingA: during(20, 20.5, [null, 1]) } },
      3,
    ],
    [
      'two replicas that see the same',
      { recorded: { silentActiveA: during(20, 21, [null, 1]), silentActiveB: during(20, 21, [null, 1]) } },
      null,
    ],
    [
      'two replicas, and one sees more',
      { recorded: { silentActiveA: during(20, 22, [null, 1]), silentActiveB: during(20, 21, [null, 1]) } },
      3,
    ],
    ['no silence, but three items delivered again', { raw: { redelivered: 3 }, second: { redelivered: 0 } }, 3],
    ['no silence, and two items delivered again', { raw: { redelivered: 2 } }, null],
    ['silence without lapses', { recorded: { lapses: null, silentActiveA: 1 }, raw: { redelivered: 3 } }, null],
  ],
};

const noneFinishes: RuleTable = {
  rule: 'environment:anthropic_work_runs_none_finishes:info15m',
  until: 40,
  given: { recorded: { lapsing: 9 }, raw: { stopped: 0 } },
  rows: [
    ['none', {}, 9],
    ['nothing lapses', { recorded: { lapsing: null } }, null],
    ['a quarter of them, fourteen minutes ago', { raw: { stopped: jump(26.5, 3) } }, null],
    ['a quarter of them, longer ago', { raw: { stopped: jump(24, 3) } }, 9],
    ['fewer, six minutes ago', { raw: { stopped: jump(34, 2) } }, 9],
    ['one, four minutes ago', { raw: { stopped: jump(36, 1) } }, null],
    ['one, six minutes ago', { raw: { stopped: jump(34, 1) } }, 9],
    ['one, four minutes ago, as one of two replicas sees', { second: { stopped: jump(36, 1) } }, null],
    ['a quarter, ten minutes ago, as one of two replicas sees', { second: { stopped: jump(30, 3) } }, null],
    ['one of many', { raw: { stopped: jump(36, 1) }, recorded: { lapsing: 13 } }, 13],
    ['one of two replicas sees them finish', { second: { stopped: (minute) => minute } }, null],
  ],
};

const noRunFinishes: RuleTable = {
  rule: 'AnthropicWorkLeasesLapsing critical',
  until: 60,
  given: { recorded: { noneFinishes: 9, lapsedNow: 1 } },
  rows: [
    ['all the time', {}, from(2)],
    [
      'one finishes',
      { recorded: { noneFinishes: during(20, 30, [9, null]) } },
      {
        fires: [
          [2, 22],
          [32, ON],
        ],
      },
    ],
    ['none lapsed lately from the start', { recorded: { lapsedNow: step(20, null, 1) } }, from(22)],
    ['none lapses for a while', { recorded: { lapsedNow: step(20, 1, null) } }, from(2)],
    ['nobody takes any more', { recorded: { nothingTaken: step(25, null, 0) } }, from(2, 30)],
    ['nobody takes for some minutes', { recorded: { nothingTaken: during(25, 28, [null, 0]) } }, from(2)],
    ['nobody takes from the start', { recorded: { nothingTaken: during(0, 10, [null, 0]) } }, from(12)],
    [
      'its list is not read for a while',
      { recorded: { noneFinishes: during(20, 30, [9, null]), listUnread: during(20, 28, [null, 0]) } },
      from(2),
    ],
    [
      'its list is not read for a while, and nothing is known until some minutes later',
      { recorded: { noneFinishes: during(20, 33.5, [9, null]), listUnread: during(20, 28, [null, 0]) } },
      from(2),
    ],
    [
      'its list is not read for a while, and runs finish afterwards',
      { recorded: { noneFinishes: step(20, 9, null), listUnread: during(20, 28, [null, 0]) } },
      from(2, 35),
    ],
    [
      'its list is not read, and it never lapsed',
      { recorded: { noneFinishes: null, lapsedNow: null, listUnread: 0 } },
      null,
    ],
    [
      'its statistics are not read for a while',
      { recorded: { noneFinishes: step(20, 9, null), statsUnread: step(20, null, 0) } },
      from(2, 22),
    ],
    ['two at times', { recorded: { noneFinishes: step(20, 3, 2) } }, from(2)],
    ['two from the start', { recorded: { noneFinishes: 2 } }, null],
    [
      'a page said that nobody works',
      onceOut('NoWorkers', 20),
      {
        fires: [
          [2, 22],
          [42.5, ON],
        ],
      },
    ],
    ['a page said something else', onceOut('EnvironmentNotVisible', 20), from(2)],
    ['a ticket said it', { alerts: [['NoWorkers', 'warning', step(20, null, 1)]] }, from(2)],
  ],
};

const causePaged: RuleTable = {
  rule: 'environment:anthropic_work_cause_paged:info20m',
  until: 60,
  rows: [
    ...(['NoWorkers', 'ApiAuthFailing', 'LeasesLapsing'] as const).map(
      (alert): Row => [`${alert} twenty minutes ago`, onceOut(alert, 40), 1],
    ),
    ['not visible five minutes ago', onceOut('EnvironmentNotVisible', 55), 1],
    ['not visible six minutes ago', onceOut('EnvironmentNotVisible', 54), null],
    ['longer ago', onceOut('NoWorkers', 39.5), null],
    ['a consequence', onceOut('OldestItemTooOld', 50), null],
    ['a ticket', { alerts: [['NoWorkers', 'warning', 1]] }, null],
    [
      'under two labels',
      {
        alerts: [
          ['NoWorkers', 'critical', 1],
          ['NoWorkers', 'critical', 1, { told_by: 'AnthropicWorkNoWorkersAnywhere' }],
        ],
      },
      1,
    ],
  ],
};

const someLapse: RuleTable = {
  rule: 'AnthropicWorkLeasesLapsing warning',
  until: 60,
  given: {
    recorded: { lapsing: 3, lapsedNow: during(20, 25, [null, 1]) },
    raw: { acknowledged: (minute) => (59 * minute) / 15 },
  },
  rows: [
    ['one in twenty', {}, from(21, 29)],
    ['fewer', { raw: { acknowledged: (minute) => (61 * minute) / 15 } }, null],
    ['one in ten', { raw: { acknowledged: (minute) => (30 * minute) / 15 } }, from(21, 29)],
    ['none lapses', { recorded: { lapsing: null } }, null],
    [
      'many were taken a while ago',
      { raw: { acknowledged: jump(10, 100) }, recorded: { lapsedNow: during(24, 29, [null, 1]) } },
      from(26, 33),
    ],
    ['none lapsed lately', { recorded: { lapsedNow: null } }, null],
    ['fewer were taken, as one of two replicas knows', { second: { acknowledged: 0 } }, from(21, 29)],
    ['more were taken, as one of two replicas knows', { second: { acknowledged: (minute) => 5 * minute } }, null],
    ['a page is about to say why', { recorded: { causePaged: step(20.5, null, 1) } }, null],
    ['a page says why', { recorded: { causePaged: step(22, null, 1) } }, from(21, 26)],
  ],
};

const hung: RuleTable = {
  rule: 'environment:anthropic_work_heartbeats_hung:info',
  until: 10,
  given: { raw: { oldestHeartbeat: 833 }, recorded: { listReadAtA: 1000, staleActiveA: 1 } },
  rows: [
    ['as long as one hangs', {}, 167],
    ['too long a silence', { raw: { oldestHeartbeat: 832 } }, null],
    ['none is stale', { recorded: { staleActiveA: null, staleStartingA: 1 } }, null],
    ['nobody knows since when', { raw: { oldestHeartbeat: null } }, null],
    ['too long for one of two replicas', { second: { oldestHeartbeat: 800 }, recorded: { listReadAtB: 1000 } }, null],
    ['stale sooner', { raw: { oldestHeartbeat: 917 }, recorded: { hungAtMost: 84 } }, 83],
    ['too long where it is stale sooner', { raw: { oldestHeartbeat: 916 }, recorded: { hungAtMost: 84 } }, null],
    ['stale sooner, and none is', { recorded: { hungAtMost: 200, staleActiveA: null } }, null],
    ['labels of before', { before: { oldestHeartbeat: 900 } }, 167],
    ['labels of before, and older', { before: { oldestHeartbeat: 800 } }, null],
    ['a read of the other replica', { recorded: { listReadAtA: null, listReadAtB: 1000 } }, null],
  ],
};

const hungAtMost: RuleTable = {
  rule: 'environment:anthropic_work_threshold_hung_heartbeat_seconds:unusual',
  until: 0,
  rows: [
    ['stale as soon as usual', { raw: { staleSeconds: 120 } }, null],
    ['stale sooner', { raw: { staleSeconds: 60 } }, 84],
    ['stale later', { raw: { staleSeconds: 240 } }, null],
    ['a limit that differs between replicas', { raw: { staleSeconds: 240 }, second: { staleSeconds: 60 } }, 84],
  ],
};

const onlyHung: RuleTable = {
  rule: 'environment:anthropic_work_heartbeats_only_hung:info',
  until: 10,
  given: { recorded: { hung: 150, staleActiveA: step(9, null, 1) } },
  rows: [
    ['for a minute', {}, 150],
    ['for less', { recorded: { staleActiveA: step(9.5, null, 1) } }, null],
    ['before', { recorded: { staleActiveA: during(8, 9.5, [null, 1]) } }, null],
    ['one is silent for longer', { recorded: { hung: null } }, null],
    ['another state', { recorded: { staleActiveA: null, staleStartingA: 1 } }, null],
  ],
};

const silent: RuleTable = {
  rule: 'environment_instance_state:anthropic_work_silent_items:max',
  until: 0,
  rows: [
    ['two', { recorded: { staleActiveA: 2 } }, { samples: [[{ instance: 'a', state: 'active' }, 2]] }],
    ['one hangs', { recorded: { staleActiveA: 1, hung: 150 } }, null],
    [
      'one hangs, and one never began',
      { recorded: { staleActiveA: 1, staleStartingA: 3, hung: 150 } },
      { samples: [[{ instance: 'a', state: 'starting' }, 3]] },
    ],
  ],
};

const staleHeartbeats = (['critical', 'warning'] as const).map((severity): RuleTable => {
  const [key, over] =
    severity === 'critical' ? (['staleLimitCritical', 13] as const) : (['staleLimitWarning', 18] as const);
  return {
    rule: `AnthropicWorkStaleHeartbeats ${severity}`,
    until: 30,
    given: { recorded: { staleLimitCritical: 99, staleLimitWarning: 99, staleActiveA: 2, [key]: 2 } },
    rows: [
      ['as many as the limit', {}, from(1.5)],
      ['fewer', { recorded: { [key]: 3 } }, null],
      ['the limit as delivered', { recorded: { [key]: null } }, severity === 'warning' ? from(1.5) : null],
      ['as many as one of two replicas sees', { recorded: { staleActiveA: 1, staleActiveB: 2 } }, from(1.5)],
      ['no longer', { recorded: { staleActiveA: step(10, 2, null) } }, from(1.5, over)],
      ['never one for long', { recorded: { onlyHung: step(10, null, 1) } }, from(1.5, over)],
      ['a page says why', { recorded: { causePaged: step(10, null, 1) } }, from(1.5, over)],
      ['starting items', { recorded: { staleActiveA: null, staleStartingA: 5 } }, null],
    ],
  };
});

const stuck: RuleTable = {
  rule: 'environment_state:anthropic_work_item_stuck_seconds:max',
  until: 0,
  given: { recorded: { listReadAtA: 1000 }, raw: { limitStarting: 100, limitActive: 200, limitStopping: 300 } },
  rows: [
    ['as long as the limit', { raw: { sinceActive: 800 } }, null],
    ['longer', { raw: { sinceActive: 799 } }, stuckFor({ active: 201 })],
    [
      'each state by its limit',
      { raw: { sinceStarting: 899, sinceActive: 750, sinceStopping: 699 } },
      stuckFor({ active: 250, stopping: 301 }),
    ],
    [
      'two replicas, the older one',
      { raw: { sinceActive: 790 }, second: { sinceActive: 790 }, recorded: { listReadAtB: 1010 } },
      stuckFor({ active: 220 }),
    ],
    [
      'the stricter limit of two',
      { raw: { sinceActive: 750 }, second: { limitActive: 400 } },
      stuckFor({ active: 250 }),
    ],
    ['labels of before', { raw: { sinceActive: 799 }, before: { sinceActive: 700 } }, stuckFor({ active: 300 })],
    ['a queued item', { raw: { sinceQueued: 0 } }, null],
    [
      'a read of the other replica',
      { raw: { sinceActive: 700 }, recorded: { listReadAtA: null, listReadAtB: 1000 } },
      null,
    ],
  ],
};

const stuckStarting: RuleTable = {
  rule: 'environment_state:anthropic_work_starting_item_stuck_seconds:max',
  until: 0,
  given: { recorded: { listReadAtA: 1000 }, raw: { limitStarting: 100, limitActive: 10 } },
  rows: [
    ['as long as the limit', { raw: { sinceStarting: 900 } }, null],
    ['longer', { raw: { sinceStarting: 899 } }, stuckFor({ starting: 101 })],
    ['in another state', { raw: { sinceActive: 799 } }, null],
    [
      'two replicas, the older one',
      { raw: { sinceStarting: 890 }, second: { sinceStarting: 890 }, recorded: { listReadAtB: 1010 } },
      stuckFor({ starting: 120 }),
    ],
    [
      'the stricter limit of two',
      { raw: { sinceStarting: 850 }, second: { limitStarting: 400 } },
      stuckFor({ starting: 150 }),
    ],
    ['labels of before', { raw: { sinceStarting: 799 }, before: { sinceStarting: 700 } }, stuckFor({ starting: 300 })],
  ],
};

function stuckFor(seconds: Readonly<Record<string, number>>): Outcome {
  return { samples: Object.entries(seconds).map(([state, value]) => [{ state }, value]) };
}

const itemStuck = (
  [
    ['warning starting', 'stuckStarting', 'stuckActive', 0, 6],
    ['warning active', 'stuckActive', 'stuckStopping', 2, 3],
    ['info stopping', 'stuckStopping', 'stuckStarting', 2, 3],
  ] as const
).map(
  ([variant, key, other, patience, keep]): RuleTable => ({
    rule: `AnthropicWorkItemStuck ${variant}`,
    until: 30,
    rows: [
      ['all the time', { recorded: { [key]: 400 } }, from(patience)],
      ['until minute 10', { recorded: { [key]: step(10, 400, null) } }, from(patience, 10 + keep)],
      ['a page says why', { recorded: { [key]: 400, causePaged: step(10, null, 1) } }, from(patience, 10 + keep)],
      ['in another state', { recorded: { [other]: 400 } }, null],
    ],
  }),
);

export const ITEM_TABLES: readonly RuleTable[] = [
  ...[lapses, lapsedNow, losing, lapsing, noneFinishes, noRunFinishes, causePaged, someLapse],
  ...[hung, hungAtMost, onlyHung, silent],
  ...staleHeartbeats,
  stuck,
  stuckStarting,
  ...itemStuck,
];
