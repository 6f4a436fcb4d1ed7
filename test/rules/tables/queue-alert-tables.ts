import { during, type Line, step } from '../support/lines.ts';
import type { Outcome, Row, RuleTable } from '../support/rule-table.ts';
import { from, ON } from '../support/table-parts.ts';

const twice = (first: readonly [number, number], again: number): Outcome => ({ fires: [first, [again, ON]] });

/** A wait hardly below the limit from minute 20 on, which gets shorter each time an item is taken. */
const taken =
  (everyMinutes: number): Line =>
  (minute) =>
    minute < 20 ? 1.01 : 0.81 + (0.1 * (minute % everyMinutes)) / everyMinutes;

const tooOldPage: RuleTable = {
  rule: 'AnthropicWorkOldestItemTooOld critical',
  until: 60,
  given: {
    recorded: { late: 901, ratioToCritical: 1.01, criticalLimit: 900, warningLimit: 300 },
  },
  rows: [
    ['all the time', {}, from(2)],
    ['as old as the limit', { recorded: { ratioToCritical: 1 } }, null],
    ['a page says why, and nobody takes its head', { recorded: { causePaged: 1, headStands: 0 } }, null],
    ['a page says why, and it falls', { recorded: { causePaged: 1, recovering: 1 } }, null],
    ...(['NoWorkers', 'ApiAuthFailing', 'LeasesLapsing', 'EnvironmentNotVisible'] as const).flatMap(
      (name): readonly Row[] => [
        [
          `ten minutes after a page that said why, items are taken and it does not fall: ${name}`,
          { recorded: { causePaged: 1 }, alerts: [[name, 'critical', during(0, 2, [null, 1])]] },
          from(14),
        ],
      ],
    ),
    [
      'the same, and it falls for a while',
      {
        recorded: { causePaged: 1, recovering: step(30, 1, null) },
        alerts: [['NoWorkers', 'critical', during(0, 2, [null, 1])]],
      },
      from(32),
    ],
    [
      'the same, and the head begins to move late',
      {
        recorded: { causePaged: 1, headStands: step(16, 0, null) },
        alerts: [['NoWorkers', 'critical', during(0, 2, [null, 1])]],
      },
      from(18),
    ],
    ['the cause pages again', { recorded: { causePaged: 1 }, alerts: [['NoWorkers', 'critical', 1]] }, null],
    ['it falls', { recorded: { recovering: 1 } }, null],
    ['falls for a moment', { recorded: { recovering: step(20, null, 1) } }, from(2)],
    ['too new to tell for ten minutes', { recorded: { newlyLate: step(10, 901, null) } }, from(12)],
    ['well below the limit', { recorded: { ratioToCritical: step(20, 1.01, 0.8) } }, from(2, 21)],
    ['hardly below the limit', { recorded: { ratioToCritical: step(20, 1.01, 0.81) } }, from(2)],
    [
      'hardly below the limit, and it falls steadily',
      { recorded: { ratioToCritical: taken(1), recoveringSteadily: step(30, null, 1) } },
      from(2),
    ],
    [
      'hardly below the limit, and its queue drains',
      { recorded: { ratioToCritical: taken(1), draining: step(30, null, 1) } },
      from(2, 31),
    ],
    ['above the limit, and its queue drains', { recorded: { draining: step(30, null, 1), recovering: 1 } }, null],
    ['hardly below the limit from the begin', { recorded: { ratioToCritical: 0.9 } }, null],
    [
      'the same, and a ticket is firing',
      { recorded: { ratioToCritical: 0.9 }, alerts: [['OldestItemTooOld', 'warning', 1]] },
      null,
    ],
    [
      'it cannot be read',
      {
        recorded: { late: step(20, 901, null), ratioToCritical: step(20, 1.01, null), statsUnread: step(20, null, 0) },
      },
      from(2),
    ],
    [
      'only its list cannot be read',
      { recorded: { late: step(20, 901, null), ratioToCritical: step(20, 1.01, null), listUnread: 0 } },
      from(2, 21),
    ],
    ['cannot be read from the begin', { recorded: { late: null, ratioToCritical: null, statsUnread: 0 } }, null],
    ...(['Saturated', 'WaitBudgetBurn'] as const).flatMap((name): readonly Row[] => [
      [
        `a page about the queue was out until a moment ago: ${name}`,
        { alerts: [[name, 'critical', during(0, 2, [null, 1])]] },
        from(24),
      ],
      [`such a page comes later: ${name}`, { alerts: [[name, 'critical', step(20, null, 1)]] }, from(2)],
      [`a ticket about the queue: ${name}`, { alerts: [[name, 'warning', 1]] }, from(2)],
    ]),
  ],
};

const tooOldTicket: RuleTable = {
  rule: 'AnthropicWorkOldestItemTooOld warning',
  until: 30,
  given: { recorded: { late: 301, criticalLimit: 200, warningLimit: 300 } },
  rows: [
    ['all the time', {}, from(5)],
    ['as old as the limit', { recorded: { late: 300 } }, null],
    ['no longer', { recorded: { late: step(10, 301, null) } }, from(5, 12)],
    ['it falls', { recorded: { recovering: step(10, null, 1) } }, from(5, 12)],
    ['a page says why', { recorded: { causePaged: step(10, null, 1) } }, from(5, 12)],
  ],
};

/** On, off for ten minutes, and on. */
const withGap = (value: number): Line => during(20, 30, [value, null]);

const tooOldOnce: RuleTable = {
  ...tooOldTicket,
  until: 800,
  every: 1,
  rows: [
    ['again within half a day', { recorded: { late: withGap(301) } }, twice([5, 22], 747)],
    ['a page at the begin', { alerts: [['OldestItemTooOld', 'critical', step(20, 1, null)]] }, from(5)],
  ],
};

const pendingStuck: RuleTable = {
  rule: 'AnthropicWorkPendingStuck warning',
  until: 40,
  given: { raw: { pending: 1 }, recorded: { oldestAge: 61, noneAcknowledged: 0 } },
  rows: [
    ['all the time', {}, from(5)],
    ['for a minute', { recorded: { oldestAge: 60 } }, null],
    ['none for a moment', { raw: { pending: during(20, 20.5, [1, 0]) } }, twice([5, 22], 30.5)],
    ['one is acknowledged', { recorded: { noneAcknowledged: during(20, 25, [0, null]) } }, twice([5, 22], 30)],
    ['one of two replicas sees them', { second: { pending: 0 } }, from(5)],
    ['one is, or nobody knows', { recorded: { noneAcknowledged: null } }, null],
    ['archived', { raw: { archived: step(20, null, 5) } }, from(5, 22)],
    ['a page says why', { recorded: { causePaged: step(20, null, 1) } }, from(5, 22)],
  ],
};

const headOfLine: RuleTable = {
  rule: 'AnthropicWorkHeadOfLineBlocked warning',
  until: 60,
  given: { recorded: { late: 901, warningLimit: 300, criticalLimit: 2000, headStands: 0, polling: 1 } },
  rows: [
    ['all the time', {}, from(15)],
    ['for a quarter of an hour', { recorded: { late: 900 } }, null],
    ['as long as a higher limit', { recorded: { late: 950, warningLimit: 950 } }, null],
    ['a head that has moved', { recorded: { headStands: step(30, 0, null) } }, from(15, 32)],
    [
      'a head that has moved for three minutes',
      { recorded: { headStands: during(30, 33, [0, null]) } },
      twice([15, 32], 48),
    ],
    ['a head that has moved before', { recorded: { headStands: during(8, 10, [0, null]) } }, from(25)],
    ['nobody polls for a moment', { recorded: { polling: during(30, 30.5, [1, 0]) } }, twice([15, 32], 50.5)],
    ['nobody polls', { recorded: { polling: 0 } }, null],
    ['a page says why', { recorded: { causePaged: step(30, null, 1) } }, from(15, 32)],
  ],
};

const WARNING = { severity: 'warning' } as const;
const tooDeep: RuleTable = {
  rule: 'environment:anthropic_work_queue_too_deep:info',
  until: 10,
  rows: [
    ['deeper', { raw: { depth: 101, depthWarning: 100, depthCritical: 1000 } }, { samples: [[WARNING, 100]] }],
    [
      'deeper than both',
      { raw: { depth: 101, depthWarning: 100, depthCritical: 50 } },
      {
        samples: [
          [WARNING, 100],
          [{ severity: 'critical' }, 50],
        ],
      },
    ],
    ['as deep as the limit', { raw: { depth: 100, depthWarning: 100 } }, null],
    ['no limit', { raw: { depth: 1e9, depthWarning: Infinity, depthCritical: Infinity } }, null],
    [
      'deeper, as one of two replicas sees it',
      { raw: { depth: 101, depthWarning: 100 }, second: { depth: 0 } },
      { samples: [[WARNING, 100]] },
    ],
    [
      'deeper than the stricter of two limits',
      { raw: { depth: 101, depthWarning: 200 }, second: { depthWarning: 100 } },
      { samples: [[WARNING, 100]] },
    ],
    ['archived', { raw: { depth: 101, depthWarning: 100, archived: 5 } }, null],
  ],
};

const saturatedPage: RuleTable = {
  rule: 'AnthropicWorkSaturated critical',
  until: 40,
  given: { recorded: { tooDeepCritical: 100, tooDeepWarning: 1 } },
  rows: [
    ['all the time', {}, from(15)],
    ['deeper than a limit that does not page', { recorded: { tooDeepCritical: null } }, null],
    ['no longer', { recorded: { tooDeepCritical: step(20, 100, null) } }, from(15, 22)],
    ['a page says why', { recorded: { causePaged: step(10, null, 1) } }, null],
    ['a page says why afterwards', { recorded: { causePaged: step(20, null, 1) } }, from(15)],
    [
      'is not read any more',
      { recorded: { tooDeepCritical: step(20, 100, null), statsUnread: step(20, null, 0) } },
      from(15),
    ],
    ['is not read, and never was too deep', { recorded: { tooDeepCritical: null, statsUnread: 0 } }, null],
    [
      'its list is not read any more',
      { recorded: { tooDeepCritical: step(20, 100, null), listUnread: step(20, null, 0) } },
      from(15, 22),
    ],
    [
      'its queue has drained for minutes',
      { recorded: { recoveringSteadily: step(20, null, 6), draining: step(20, null, 6) } },
      from(15, 22),
    ],
    ['the wait alone has been falling for minutes', { recorded: { recoveringSteadily: step(20, null, 6) } }, from(15)],
    ['the wait fell before it was due', { recorded: { recoveringSteadily: step(10, 6, null) } }, from(25)],
    // Fifteen minutes after nothing excuses it any more.
    ...(['OldestItemTooOld', 'WaitBudgetBurn'] as const).map(
      (name): Row => [
        `a page about the wait was out until a moment ago: ${name}`,
        { alerts: [[name, 'critical', during(0, 2, [null, 1])]] },
        from(37),
      ],
    ),
    ['a ticket about the wait', { alerts: [['OldestItemTooOld', 'warning', 1]] }, from(15)],
  ],
};

const saturatedTicket: RuleTable = {
  rule: 'AnthropicWorkSaturated warning',
  until: 90,
  given: { raw: { depthWarning: 100, depthCritical: 1 }, recorded: { strictAgeThreshold: 300, tooDeepCritical: 1 } },
  rows: [
    ['deep', { recorded: { tooDeepWarning: 100 } }, from(10)],
    ['not deep', {}, null],
    ['deep no longer', { recorded: { tooDeepWarning: step(20, 100, null) } }, from(10, 22)],
    ['deep, and it falls', { recorded: { tooDeepWarning: 100, recovering: step(20, null, 1) } }, from(10, 22)],
    ['deep, and a page says why', { recorded: { tooDeepWarning: 100, causePaged: step(20, null, 1) } }, from(10, 22)],
    [
      'deep, and grows',
      { recorded: { tooDeepWarning: step(50, null, 100), waiting: (minute) => 20 + 2 * minute } },
      from(40),
    ],
    ['all are busy', { recorded: { overdue: 200, workersLive: 1, polling: 0 } }, from(10)],
    [
      'all are busy with long runs',
      { recorded: { overdue: 200, workersLive: 1, polling: 0, headStands: 0 } },
      from(10),
    ],
    [
      'all are busy, ten minutes before the limit',
      { recorded: { overdue: 601, strictAgeThreshold: 1200, workersLive: 1 } },
      from(10),
    ],
    [
      'all are busy, longer before the limit',
      { recorded: { overdue: 600, strictAgeThreshold: 1200, workersLive: 1 } },
      null,
    ],
    ['nobody works', { recorded: { overdue: 200, workersLive: 0, polling: 0 } }, null],
    ['nothing waits for long', { recorded: { workersLive: 1, polling: 0 } }, null],
    ['somebody polls between two items', { recorded: { overdue: 200, workersLive: 1, polling: 1 } }, from(10)],
    [
      'somebody polls, and passes over the first item',
      { recorded: { overdue: 200, workersLive: 1, polling: 1, headStands: step(20, null, 0) } },
      from(10, 27),
    ],
    ['grows, and then no more', { recorded: { waiting: (minute) => 20 + 2 * Math.min(minute, 45) } }, from(40, 62)],
    [
      'grows, and archived',
      { raw: { archived: 5 }, recorded: { waiting: (minute) => 20 + 2 * Math.min(minute, 45) } },
      null,
    ],
    ['grows since a while', { recorded: { waiting: (minute) => 60 + 2 * Math.max(minute - 20, 0) } }, from(45.5)],
    ['grows beyond half of the limit', { recorded: { waiting: (minute) => 20 + minute } }, from(40.5)],
    [
      'grows beyond half of the stricter limit',
      { recorded: { waiting: (minute) => 20 + minute }, second: { depthWarning: 300 } },
      from(40.5),
    ],
  ],
};

const saturatedOnce: RuleTable = {
  ...saturatedTicket,
  until: 800,
  every: 1,
  rows: [
    ['again within half a day', { recorded: { tooDeepWarning: withGap(100) } }, twice([10, 22], 752)],
    [
      'a page at the begin',
      { recorded: { tooDeepWarning: 100 }, alerts: [['Saturated', 'critical', step(20, 1, null)]] },
      from(10),
    ],
  ],
};

const archived: RuleTable = {
  rule: 'AnthropicWorkEnvironmentArchived warning',
  until: 30,
  given: { raw: { archived: 5 }, recorded: { waiting: 0, workersLive: 0 } },
  rows: [
    ['an item waits', { recorded: { waiting: 1 } }, from(10)],
    ['an item runs', { recorded: { workersLive: 1 } }, from(10)],
    ['an item hangs', { recorded: { staleActiveA: 1 } }, from(10)],
    ['an item runs, and nobody knows what waits', { recorded: { waiting: null, workersLive: 1 } }, from(10)],
    ['nothing is left', {}, null],
    ['it is not archived', { raw: { archived: null }, recorded: { waiting: 1 } }, null],
    ['nothing is left any more', { recorded: { waiting: step(20, 1, 0) } }, from(10, 22)],
  ],
};

export const QUEUE_ALERT_TABLES: readonly RuleTable[] = [
  ...[tooOldPage, tooOldTicket, tooOldOnce, pendingStuck, headOfLine],
  ...[tooDeep, saturatedPage, saturatedTicket, saturatedOnce, archived],
];
