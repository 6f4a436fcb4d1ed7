import { during, step } from '../support/lines.ts';
import type { ShortName } from '../support/rule-case.ts';
import type { Inputs, Outcome, Row, RuleTable } from '../support/rule-table.ts';
import { from } from '../support/table-parts.ts';

/** An alert that is firing at one minute alone. */
const onceOut = (alert: ShortName, minute: number): Inputs => ({
  alerts: [[alert, 'critical', during(minute, minute + 0.5, [null, 1])]],
});
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

const heartbeatsHung: RuleTable = {
  rule: 'environment:anthropic_work_heartbeats_hung:info',
  until: 10,
  given: { raw: { oldestHeartbeat: 833 }, recorded: { listReadAtA: 1000, staleActiveA: 1 } },
  rows: [
    ['as long as one hangs', {}, 167],
    ['too long a silence', { raw: { oldestHeartbeat: 832 } }, null],
    ['none is stale', { recorded: { staleActiveA: null, staleStartingA: 1 } }, null],
    ['nobody knows since when', { raw: { oldestHeartbeat: null } }, null],
    ['too long for one of two replicas', { second: { oldestHeartbeat: 800 }, recorded: { listReadAtB: 1000 } }, null],
    ['stale sooner', { raw: { oldestHeartbeat: 917 }, recorded: { hungHeartbeatThreshold: 84 } }, 83],
    [
      'too long where it is stale sooner',
      { raw: { oldestHeartbeat: 916 }, recorded: { hungHeartbeatThreshold: 84 } },
      null,
    ],
    ['stale sooner, and none is', { recorded: { hungHeartbeatThreshold: 200, staleActiveA: null } }, null],
    ['labels of before', { before: { oldestHeartbeat: 900 } }, 167],
    ['labels of before, and older', { before: { oldestHeartbeat: 800 } }, null],
    ['a read of the other replica', { recorded: { listReadAtA: null, listReadAtB: 1000 } }, null],
  ],
};

const hungHeartbeatThreshold: RuleTable = {
  rule: 'environment:anthropic_work_threshold_hung_heartbeat_seconds:unusual',
  until: 0,
  rows: [
    ['stale as soon as usual', { raw: { staleSeconds: 120 } }, null],
    ['stale sooner', { raw: { staleSeconds: 60 } }, 84],
    ['stale later', { raw: { staleSeconds: 240 } }, null],
    ['a limit that differs between replicas', { raw: { staleSeconds: 240 }, second: { staleSeconds: 60 } }, 84],
  ],
};

const heartbeatsOnlyHung: RuleTable = {
  rule: 'environment:anthropic_work_heartbeats_only_hung:info',
  until: 10,
  given: { recorded: { heartbeatsHung: 150, staleActiveA: step(9, null, 1) } },
  rows: [
    ['for a minute', {}, 150],
    ['for less', { recorded: { staleActiveA: step(9.5, null, 1) } }, null],
    ['before', { recorded: { staleActiveA: during(8, 9.5, [null, 1]) } }, null],
    ['one is silent for longer', { recorded: { heartbeatsHung: null } }, null],
    ['another state', { recorded: { staleActiveA: null, staleStartingA: 1 } }, null],
  ],
};

const silentItems: RuleTable = {
  rule: 'environment_instance_state:anthropic_work_silent_items:max',
  until: 0,
  rows: [
    ['two', { recorded: { staleActiveA: 2 } }, { samples: [[{ instance: 'a', state: 'active' }, 2]] }],
    ['one hangs', { recorded: { staleActiveA: 1, heartbeatsHung: 150 } }, null],
    [
      'one hangs, and one never began',
      { recorded: { staleActiveA: 1, staleStartingA: 3, heartbeatsHung: 150 } },
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
      ['never one for long', { recorded: { heartbeatsOnlyHung: step(10, null, 1) } }, from(1.5, over)],
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
  ...[causePaged, heartbeatsHung, hungHeartbeatThreshold, heartbeatsOnlyHung, silentItems],
  ...staleHeartbeats,
  stuck,
  stuckStarting,
  ...itemStuck,
];
