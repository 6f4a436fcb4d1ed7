import { during, step } from '../support/lines.ts';
import type { Row, RuleTable } from '../support/rule-table.ts';
import { butNotAt, from, pages } from '../support/table-parts.ts';

const withoutWorkers: RuleTable = {
  rule: 'environment:anthropic_work_without_workers:info',
  until: 20,
  rows: [
    ['work waits', { recorded: { waiting: 1, workersLive: 0 } }, 1],
    ['nothing waits', { recorded: { waiting: 0, workersLive: 0 } }, null],
    ['somebody polled ten minutes ago', { recorded: { waiting: 0, workersLive: 0, polling: step(10.5, 1, 0) } }, 1],
    ['somebody polled before', { recorded: { waiting: 0, workersLive: 0, polling: step(10, 1, 0) } }, null],
    [
      'somebody polled ten minutes ago, and nobody for minutes of the hour before',
      { recorded: { waiting: 0, workersLive: 0, polling: step(10.5, 1, 0), pausing: step(10.5, 0, null) } },
      null,
    ],
    [
      'somebody polled ten minutes ago, and nobody for minutes, as was recorded last',
      { recorded: { waiting: 0, workersLive: 0, polling: step(10.5, 1, 0), pausing: during(9.5, 10.5, [null, 0]) } },
      null,
    ],
    [
      'somebody polled ten minutes ago, and nobody does since',
      { recorded: { waiting: 0, workersLive: 0, polling: step(10.5, 1, 0), pausing: step(10.5, null, 0) } },
      1,
    ],
    ['somebody polls', { raw: { polling: 1 }, recorded: { waiting: 1, workersLive: 0 } }, null],
    ['nobody polls', { raw: { polling: 0 }, recorded: { waiting: 1, workersLive: 0 } }, 1],
    [
      'one of two replicas sees who polls',
      { raw: { polling: 0 }, second: { polling: 1 }, recorded: { waiting: 1, workersLive: 0 } },
      null,
    ],
    [
      'only one that is behind does',
      { raw: { polling: 0 }, second: { polling: 1 }, recorded: { waiting: 1, workersLive: 0, laggingB: 60 } },
      1,
    ],
    [
      'the other one is behind',
      { raw: { polling: 1 }, second: { polling: 0 }, recorded: { waiting: 1, workersLive: 0, laggingB: 60 } },
      null,
    ],
    ['one works', { recorded: { waiting: 1, workersLive: 1 } }, null],
    [
      'scaled to zero six minutes ago',
      { recorded: { waiting: 1, workersLive: 0, scaledToZero: during(14, 14.5, [null, 0]) } },
      null,
    ],
    [
      'scaled to zero earlier',
      { recorded: { waiting: 1, workersLive: 0, scaledToZero: during(13.5, 14, [null, 0]) } },
      1,
    ],
    ['scaled to zero, and overdue', { recorded: { waiting: 1, workersLive: 0, scaledToZero: 0, overdue: 160 } }, 1],
    [
      'scaled to zero, and somebody polled ten minutes ago, for long',
      { recorded: { waiting: 1, workersLive: 0, scaledToZero: 0, polling: step(10.5, 1, 0) } },
      1,
    ],
    ['no limit', { recorded: { waiting: 1, workersLive: 0, ageThresholdOff: 1 } }, null],
    ...(
      [
        ['overdue', {}, 7],
        ['not overdue', { overdue: null }, null],
        ['nobody has polled for four minutes', { nobodyPolls: step(18, null, 0) }, 7],
        ['nobody has polled for less', { nobodyPolls: step(18.5, null, 0) }, null],
        ['somebody polls at times', { nobodyPolls: butNotAt(18) }, null],
        ['somebody polls by the stats', { nobodyPolls: null }, null],
        ['the head moves', { headStands: null }, null],
        ['a list shows that one works', { workersLive: 1 }, null],
        ['a list shows that nobody works', { workersLive: 0, nobodyPolls: null }, 7],
        ['somebody polls again', { nobodyPolls: 0 }, null, { polling: 1 }],
        ['as it usually waits', { waitUsual: 80 }, null],
        ['the last one was taken late', { takenLate: during(1, 2, [null, 1]) }, null],
      ] as const
    ).map(
      ([name, recorded, outcome, raw = {}]): Row => [
        name,
        { raw, recorded: { waiting: 7, overdue: 200, nobodyPolls: 0, headStands: 0, ...recorded } },
        outcome,
      ],
    ),
  ],
};

const withoutWorkersAfterLateTake: RuleTable = {
  rule: 'environment:anthropic_work_without_workers:info',
  until: 30,
  given: { raw: { polling: 0 }, recorded: { waiting: 7, overdue: 200, nobodyPolls: 0, headStands: 0 } },
  rows: [
    ['taken late within twenty minutes', { recorded: { takenLate: during(10, 10.5, [null, 1]) } }, null],
    ['taken late before', { recorded: { takenLate: during(9, 9.5, [null, 1]) } }, 7],
  ],
};

const withoutWorkersAfterPause: RuleTable = {
  rule: 'environment:anthropic_work_without_workers:info',
  until: 50,
  given: { recorded: { waiting: 0, workersLive: 0, polling: step(40.5, 1, 0) } },
  rows: [
    [
      'paused, as was recorded within ten minutes before it left',
      { recorded: { pausing: during(30, 30.5, [null, 0]) } },
      null,
    ],
    ['paused, as was recorded earlier', { recorded: { pausing: during(29, 29.5, [null, 0]) } }, 1],
  ],
};

const scaledToZero: RuleTable = {
  rule: 'environment:anthropic_work_workers_at_zero:info',
  until: 20,
  given: { recorded: { nobodyPolls: 0, waiting: 0, workersLive: 0 } },
  rows: [
    ['nobody works, and there is nothing to do', {}, 1200],
    ['the list is not read', { recorded: { workersLive: null } }, 1200],
    ['something waits', { recorded: { waiting: 1 } }, null],
    ['nobody knows whether something waits', { recorded: { waiting: null } }, null],
    ['somebody polls', { recorded: { nobodyPolls: null } }, null],
    ['one works', { recorded: { workersLive: 1 } }, null],
    ['dead workers have left a run', { recorded: { staleActiveA: 1 } }, null],
    ['dead workers have left what never began', { recorded: { staleStartingA: 1 } }, null],
    ['somebody polled ten minutes ago', { recorded: { polling: step(10.5, 1, 0) } }, null],
    ['somebody polled before', { recorded: { polling: step(10, 1, 0) } }, 1200],
    [
      'somebody polled ten minutes ago, and nobody for minutes of the hour before',
      { recorded: { polling: step(10.5, 1, 0), pausing: step(10.5, 0, null) } },
      1200,
    ],
    [
      'somebody polled ten minutes ago, and nobody for minutes, as was recorded last',
      { recorded: { polling: step(10.5, 1, 0), pausing: during(9.5, 10.5, [null, 0]) } },
      1200,
    ],
    [
      'somebody polled ten minutes ago, and nobody does since',
      { recorded: { polling: step(10.5, 1, 0), pausing: step(10.5, null, 0) } },
      null,
    ],
  ],
};

const atZeroAfterPause: RuleTable = {
  rule: 'environment:anthropic_work_workers_at_zero:info',
  until: 50,
  given: { recorded: { nobodyPolls: 0, waiting: 0, workersLive: 0, polling: step(40.5, 1, 0) } },
  rows: [
    [
      'paused, as was recorded within ten minutes before it left',
      { recorded: { pausing: during(30, 30.5, [null, 0]) } },
      3000,
    ],
    ['paused, as was recorded earlier', { recorded: { pausing: during(29, 29.5, [null, 0]) } }, null],
  ],
};

const doubted: readonly RuleTable[] = (
  [
    ['environment:anthropic_work_doubted_workers_polling:max2m', 'polling'],
    ['environment:anthropic_work_doubted_workers_live:max', 'workersLive'],
    ['environment:anthropic_work_doubted_queue_waiting:max', 'waiting'],
  ] as const
).map(([rule, of]) => ({
  rule,
  until: 20,
  given: { recorded: { [of]: 7 } },
  rows: [
    ['overdue', { recorded: { overdue: 200 } }, 7],
    ['overdue, and 0', { recorded: { [of]: 0, overdue: 200 } }, 0],
    ['overdue, and unknown', { recorded: { [of]: null, overdue: 200 } }, null],
    ['unserved for long', { recorded: { unservedLong: 400 } }, 7],
    ['without workers', { recorded: { withoutWorkers: 3 } }, 7],
    ['all of it, and a page', { ...pages('NoWorkers'), recorded: { overdue: 200, withoutWorkers: 3 } }, 7],
    ['a page', pages('NoWorkers'), 7],
    ['a page that has ended', pages('NoWorkers', step(20, 1, null)), null],
    ['another page', pages('LeasesLapsing'), null],
    ['a ticket', { alerts: [['NoWorkers', 'warning', 1]] }, null],
    ['nothing of it', {}, null],
  ],
}));

const workersLost: RuleTable = {
  rule: 'environment:anthropic_work_workers_lost:info',
  until: 20,
  rows: [
    ['it looks so, and nobody has polled for two minutes', { recorded: { withoutWorkers: 3, nobodyPolls: 0 } }, 3],
    ['nobody has polled for two minutes', { recorded: { nobodyPolls: 0 } }, null],
    ['a list shows by now that one works', { recorded: { withoutWorkers: 3, nobodyPolls: 0, doubtedLive: 1 } }, null],
    ['a list shows that nobody works', { recorded: { withoutWorkers: 3, nobodyPolls: 0, doubtedLive: 0 } }, 3],
    ['nobody knows who polls, for two minutes', { recorded: { withoutWorkers: step(18, null, 3) } }, 3],
    ['nobody knows who polls, for less', { recorded: { withoutWorkers: step(18.5, null, 3) } }, null],
    [
      'nobody knows who polls, and it does not look so any more',
      { recorded: { withoutWorkers: step(19, 3, null) } },
      null,
    ],
    ['somebody polled within two minutes', { recorded: { withoutWorkers: 3, doubtedPolling: 1 } }, null],
    ['not served', { recorded: { unserved: 300 } }, 300],
    ['not served, and it looks so', { recorded: { withoutWorkers: 3, nobodyPolls: 0, unserved: 300 } }, 300],
  ],
};

const workersOfMinimum: RuleTable = {
  rule: 'environment:anthropic_work_workers_of_minimum:max',
  until: 20,
  every: 1,
  given: { raw: { minWorkers: 1, polling: 1 } },
  rows: [
    ['polling and serving', { recorded: { workersLive: 2, polling: 9 } }, 3],
    ['two replicas', { second: { polling: 3 }, recorded: { workersLive: 2 } }, 5],
    ['no minimum', { raw: { minWorkers: 0 }, recorded: { workersLive: 2 } }, null],
    ['no minimum of one of two replicas', { second: { minWorkers: 0 }, recorded: { workersLive: 2 } }, null],
    ['archived', { raw: { archived: 5 }, recorded: { workersLive: 2 } }, null],
    ['without a list', { recorded: { polling: 2, waiting: 0 } }, 2],
    ['without a list, and something waits', { recorded: { polling: 2, waiting: 1 } }, null],
    ['without a list, and something waited', { recorded: { polling: 2, waiting: during(10, 11, [0, 1]) } }, null],
    ['without a list, and something waited before', { recorded: { polling: 2, waiting: during(9, 10, [0, 1]) } }, 2],
  ],
};

const belowMinimum: RuleTable = {
  rule: 'AnthropicWorkWorkersBelowMinimum warning',
  until: 60,
  every: 1,
  given: { raw: { minWorkers: 2 } },
  rows: [
    ['one of two', { recorded: { workersOfMinimum: 1 } }, from(5)],
    ['two of two', { recorded: { workersOfMinimum: 2 } }, null],
    ['one comes back', { recorded: { workersOfMinimum: step(20, 1, 2) } }, from(5, 24)],
    ['two of three go', { recorded: { workersOfMinimum: step(20, 3, 1) } }, from(30)],
    ['the lower minimum of two counts', { recorded: { workersOfMinimum: 1 }, second: { minWorkers: 1 } }, null],
    [
      'the lower minimum of two is met',
      { recorded: { workersOfMinimum: step(20, 0, 1.5) }, second: { minWorkers: 1 } },
      from(5, 24),
    ],
    [
      'below the lower minimum of two',
      { recorded: { workersOfMinimum: step(20, 3, 0.5) }, second: { minWorkers: 1 } },
      from(33),
    ],
    ['a page says why', { recorded: { workersOfMinimum: 1, causePaged: step(20, null, 1) } }, from(5, 22)],
  ],
};

const unknown: RuleTable = {
  rule: 'AnthropicWorkWorkersUnknown info',
  until: 40,
  given: { raw: { depth: 1 } },
  rows: [
    ['never known', {}, from(15)],
    ['known once', { raw: { polling: during(9.5, 10, [null, 0]) } }, from(30)],
    ['known', { raw: { polling: 0 } }, null],
    ['known to one of two replicas', { second: { polling: 0 } }, null],
    ['nothing is read', { raw: { depth: null } }, null],
  ],
};

export const WORKER_TABLES: readonly RuleTable[] = [
  withoutWorkers,
  withoutWorkersAfterLateTake,
  withoutWorkersAfterPause,
  scaledToZero,
  atZeroAfterPause,
  ...doubted,
  workersLost,
  workersOfMinimum,
  belowMinimum,
  unknown,
];
