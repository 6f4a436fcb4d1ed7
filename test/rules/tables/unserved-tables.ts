import { during, step } from '../support/lines.ts';
import type { Inputs, Outcome, Row, RuleTable } from '../support/rule-table.ts';
import { butNotAt, pages } from '../support/table-parts.ts';

/** What the list shows: nothing is alive. */
const DEAD = { doubtedLive: 0, listFresh: 10 } as const;

const unserved: RuleTable = {
  rule: 'environment:anthropic_work_unserved:info',
  until: 20,
  rows: [
    ['nothing is alive', { recorded: { ...DEAD, unpolled: 200 } }, 200],
    ['nothing is alive, and nobody polls', { recorded: { ...DEAD, unpolled: 200, nobodyPolls: 0 } }, 200],
    ['nothing is alive, and somebody polls', { recorded: { ...DEAD, doubtedPolling: 1 } }, null],
    ['something is alive', { recorded: { ...DEAD, doubtedLive: 1, unpolled: 200 } }, null],
    ['something is alive, as an old list shows', { recorded: { doubtedLive: 1, unpolled: 200 } }, null],
    ['an old list', { recorded: { doubtedLive: 0, unpolled: 200 } }, null],
    [
      'scaled to zero six minutes ago',
      { recorded: { ...DEAD, unpolled: 200, scaledToZero: during(14, 14.5, [null, 840]) } },
      null,
    ],
    [
      'scaled to zero earlier',
      { recorded: { ...DEAD, unpolled: 200, scaledToZero: during(13.5, 14, [null, 810]) } },
      200,
    ],
    [
      'scaled to zero when the oldest item came',
      { recorded: { ...DEAD, unpolled: 800, scaledToZero: during(5, 5.5, [null, 281]) } },
      null,
    ],
    [
      'scaled to zero two minutes before the oldest item came',
      { recorded: { ...DEAD, unpolled: 800, scaledToZero: during(5, 5.5, [null, 280]) } },
      800,
    ],
    [
      'scaled to zero when the oldest item came, and late',
      { recorded: { ...DEAD, unpolled: 800, scaledToZero: during(5, 5.5, [null, 400]), late: 800 } },
      800,
    ],
    ['scaled to zero, and late', { recorded: { ...DEAD, unpolled: 400, scaledToZero: 1200, late: 400 } }, 400],
    [
      'scaled to zero, and a loop of crashes',
      {
        recorded: { ...DEAD, scaledToZero: 1200, late: 400, doubtedPolling: 5, doubtedWaiting: 2, noneAcknowledged: 0 },
      },
      400,
    ],
    ...(
      [
        ['', {}, 400],
        [', and one works', { doubtedLive: 1 }, null],
        [', as an old list shows', { listFresh: null }, null],
        [', and one was taken', { noneAcknowledged: null }, null],
        [', not yet late', { late: null }, null],
        [', or one item that nobody takes, and nothing else to take', { doubtedWaiting: 1 }, null],
      ] as const
    ).map(
      ([name, recorded, outcome]): Row => [
        `a loop of crashes${name}`,
        { recorded: { ...DEAD, late: 400, doubtedPolling: 5, doubtedWaiting: 2, noneAcknowledged: 0, ...recorded } },
        outcome,
      ],
    ),
    ...(
      [
        ['nothing was claimed, and somebody polls', 0, {}, null],
        ['something was claimed within five minutes', during(15, 15.5, [0, 1]), {}, 400],
        ['something was claimed before', during(14, 14.5, [0, 1]), {}, null],
        ['nothing was claimed, and nobody polls', 0, { doubtedPolling: 0 }, 400],
        ['nothing was claimed, and nobody knows who polls', 0, { doubtedPolling: null }, 400],
      ] as const
    ).map(
      ([name, pending, recorded, outcome]): Row => [
        `no item is taken: ${name}`,
        {
          raw: { pending },
          recorded: { ...DEAD, late: 400, doubtedPolling: 5, doubtedWaiting: 2, noneAcknowledged: 0, ...recorded },
        },
        outcome,
      ],
    ),
    [
      'no item is taken: one of two replicas saw something claimed',
      {
        raw: { pending: 0 },
        second: { pending: 1 },
        recorded: { ...DEAD, late: 400, doubtedPolling: 5, doubtedWaiting: 2, noneAcknowledged: 0 },
      },
      400,
    ],
    ...byStats(),
    ['for long, as more than the stats show', { recorded: { unservedLong: 400 } }, 400],
    ['for long, and something is alive', { recorded: { unservedLong: 400, doubtedLive: 1 } }, null],
    [
      'its key is refused',
      { recorded: { ...DEAD, unpolled: 200 }, ...pages('ApiAuthFailing', during(15, 15.5, [null, 1])) },
      null,
    ],
    [
      'its key was refused',
      { recorded: { ...DEAD, unpolled: 200 }, ...pages('ApiAuthFailing', during(14.5, 15, [null, 1])) },
      200,
    ],
    ['another page', { recorded: { ...DEAD, unpolled: 200 }, ...pages('NoWorkers') }, 200],
    [
      'a ticket about its key',
      { recorded: { ...DEAD, unpolled: 200 }, alerts: [['ApiAuthFailing', 'warning', 1]] },
      200,
    ],
    ['deleted', { recorded: { ...DEAD, unpolled: 200, environmentDeleted: 1 } }, null],
  ],
};

const unservedAfterLateTake: RuleTable = {
  rule: 'environment:anthropic_work_unserved:info',
  until: 30,
  given: { recorded: { late: 400, nobodyPolls: step(22.5, null, 0), headStands: 0 } },
  rows: [
    ['taken late within twenty minutes', { recorded: { takenLate: during(10, 10.5, [null, 1]) } }, null],
    ['taken late before', { recorded: { takenLate: during(9, 9.5, [null, 1]) } }, 400],
  ],
};

const unservedLong: RuleTable = {
  rule: 'environment:anthropic_work_unserved_long:info',
  until: 20,
  rows: [...withoutPollers(), ...withoutAge()],
};

/** Stats alone. */
function byStats(): readonly Row[] {
  const row = (name: string, recorded: Inputs['recorded'], outcome: Outcome): Row => [
    `by the stats: ${name}`,
    { recorded: { late: 400, nobodyPolls: 0, headStands: 0, ...recorded } },
    outcome,
  ];
  return [
    row('nobody polls', {}, 400),
    row('nobody has polled for five minutes', { nobodyPolls: step(17, null, 0) }, 400),
    row('for less', { nobodyPolls: step(17.5, null, 0) }, null),
    row('somebody did for a moment', { nobodyPolls: butNotAt(18) }, null),
    row('somebody does', { nobodyPolls: null }, null),
    row('the head moves', { headStands: null }, null),
    row('newly late', { newlyLate: 400 }, null),
    row('as it usually waits', { waitUsual: 380 }, null),
    row('the last one was taken late', { takenLate: during(1, 2, [null, 1]), nobodyPolls: step(12.5, null, 0) }, null),
    row(
      'the last one was taken late, and nobody has polled for ten minutes',
      { takenLate: 1, nobodyPolls: step(12, null, 0) },
      400,
    ),
    ...[16, 14, 12].map((minute) =>
      row(
        `the last one was taken late, and somebody polled ${20 - minute} minutes ago`,
        { takenLate: 1, nobodyPolls: butNotAt(minute) },
        null,
      ),
    ),
    row('something is alive', { doubtedLive: 1 }, null),
    row('nothing is alive, in an old list', { doubtedLive: 0 }, 400),
    row('not yet late', { late: null, overdue: 200 }, null),
  ];
}

/** Not even who polls is known. */
function withoutPollers(): readonly Row[] {
  const row = (name: string, recorded: Inputs['recorded'], outcome: Outcome): Row => [
    `without pollers: ${name}`,
    { recorded: { late: 400, neverShorter: 3, headStands: 0, ...recorded } },
    outcome,
  ];
  return [
    row('nothing moves', {}, 400),
    row('the head has stood for ten minutes', { headStands: step(15, null, 0) }, 400),
    row('for less', { headStands: step(15.5, null, 0) }, null),
    row('two wait', { neverShorter: 2 }, 400),
    row('one alone waits', { neverShorter: 1 }, null),
    row('the queue became shorter', { neverShorter: null }, null),
    row('they were known ten minutes ago', { polling: step(12.5, 1, null) }, null),
    row('they were known before', { polling: step(12, 1, null) }, 400),
    row('as it usually waits', { waitUsual: 380 }, null),
    row('not yet late', { late: null, overdue: 200 }, null),
  ];
}

/** Not even the age is known. */
function withoutAge(): readonly Row[] {
  const row = (name: string, recorded: Inputs['recorded'], outcome: Outcome, more: Inputs = {}): Row => [
    `without an age: ${name}`,
    { raw: { ageUnknown: 1 }, ...more, recorded: { neverShorter: 3, nobodyPolls: 0, ...recorded } },
    outcome,
  ];
  return [
    row('nothing moves', {}, 3),
    row('as one of two replicas sees it', {}, 3, { raw: { ageUnknown: 0 }, second: { ageUnknown: 1 } }),
    row('the age is known', {}, null, { raw: { ageUnknown: 0 } }),
    row('the queue became shorter', { neverShorter: null }, null),
    row('somebody polls', { nobodyPolls: null }, null),
    ...[18, 16, 14, 12].map((minute) =>
      row(`somebody polled ${20 - minute} minutes ago`, { nobodyPolls: butNotAt(minute) }, null),
    ),
    row('no limit', { ageThresholdOff: 1 }, null),
  ];
}

/** Where the limit leaves workers longer than an hour. */
const unservedForHours: RuleTable = {
  rule: 'environment:anthropic_work_unserved:info',
  until: 80,
  given: { recorded: { ...DEAD, unpolled: 3600 } },
  rows: [
    ['scaled to zero an hour ago', { recorded: { scaledToZero: during(20, 20.5, [null, 1200]) } }, null],
    ['scaled to zero earlier', { recorded: { scaledToZero: during(19.5, 20, [null, 1200]) } }, 3600],
  ],
};

export const UNSERVED_TABLES: readonly RuleTable[] = [unserved, unservedForHours, unservedAfterLateTake, unservedLong];
