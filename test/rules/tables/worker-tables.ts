import { during, type Line, step } from '../support/lines.ts';
import type { ShortName } from '../support/rule-case.ts';
import type { Inputs, Outcome, Row, RuleTable } from '../support/rule-table.ts';
import { exporter, JOB } from '../support/series.ts';

/** Up to the end of the table. */
const ON = 1e9;

const from = (minute: number, to = ON): Outcome => ({ fires: [[minute, to]] });
/** Absent at this minute alone. */
const butNotAt = (minute: number): Line => during(minute, minute + 0.5, [0, null]);
const pages = (alert: ShortName, line: Line = 1): Inputs => ({ alerts: [[alert, 'critical', line]] });

/** What the list shows: nothing is alive. */
const DEAD = { live: 0, listFresh: 10 } as const;

const unserved: RuleTable = {
  rule: 'environment:anthropic_work_unserved:info',
  until: 20,
  rows: [
    ['nothing is alive', { recorded: { ...DEAD, unpolled: 200 } }, 200],
    ['nothing is alive, and nobody polls', { recorded: { ...DEAD, unpolled: 200, nobodyPolls: 0 } }, 200],
    ['nothing is alive, and somebody polls', { recorded: { ...DEAD, polling: 1 } }, null],
    ['something is alive', { recorded: { ...DEAD, live: 1, unpolled: 200 } }, null],
    ['something is alive, as an old list shows', { recorded: { live: 1, unpolled: 200 } }, null],
    ['an old list', { recorded: { live: 0, unpolled: 200 } }, null],
    ...(
      [
        ['', {}, 400],
        [', and one works', { live: 1 }, null],
        [', as an old list shows', { listFresh: null }, null],
        [', and one was taken', { nothingTaken: null }, null],
        [', not yet late', { late: null }, null],
        [', or one item that nobody takes, and nothing else to take', { waiting: 1 }, null],
      ] as const
    ).map(
      ([name, recorded, outcome]): Row => [
        `a loop of crashes${name}`,
        { recorded: { ...DEAD, late: 400, polling: 5, waiting: 2, nothingTaken: 0, ...recorded } },
        outcome,
      ],
    ),
    ...(
      [
        ['nothing was claimed, and somebody polls', 0, {}, null],
        ['something was claimed within five minutes', during(15, 15.5, [0, 1]), {}, 400],
        ['something was claimed before', during(14, 14.5, [0, 1]), {}, null],
        ['nothing was claimed, and nobody polls', 0, { polling: 0 }, 400],
        ['nothing was claimed, and nobody knows who polls', 0, { polling: null }, 400],
      ] as const
    ).map(
      ([name, pending, recorded, outcome]): Row => [
        `no item is taken: ${name}`,
        { raw: { pending }, recorded: { ...DEAD, late: 400, polling: 5, waiting: 2, nothingTaken: 0, ...recorded } },
        outcome,
      ],
    ),
    [
      'no item is taken: one of two replicas saw something claimed',
      {
        raw: { pending: 0 },
        second: { pending: 1 },
        recorded: { ...DEAD, late: 400, polling: 5, waiting: 2, nothingTaken: 0 },
      },
      400,
    ],
    ...byStats(),
    ['for long, as more than the stats show', { recorded: { unservedLong: 400 } }, 400],
    ['for long, and something is alive', { recorded: { unservedLong: 400, live: 1 } }, null],
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
    ['deleted', { recorded: { ...DEAD, unpolled: 200, deleted: 1 } }, null],
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
  given: { recorded: { waiting: 0, live: 0, polling: step(40.5, 1, 0) } },
  rows: [
    [
      'paused, as was recorded within ten minutes before it left',
      { recorded: { pausing: during(30, 30.5, [null, 0]) } },
      null,
    ],
    ['paused, as was recorded earlier', { recorded: { pausing: during(29, 29.5, [null, 0]) } }, 1],
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
    row('something is alive', { live: 1 }, null),
    row('nothing is alive, in an old list', { live: 0 }, 400),
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
    row('no limit', { ageOff: 1 }, null),
  ];
}

/** A page is out, something waits, and nothing shows that anybody works. */
const OUT: Inputs = { ...pages('NoWorkers'), recorded: { waiting: 3 } };
const out = (name: string, outcome: Outcome, recorded: Inputs['recorded'], raw: Inputs['raw'] = {}): Row => [
  name,
  { ...OUT, raw, recorded: { ...OUT.recorded, ...recorded } },
  outcome,
];
const SHORT = { waiting: 1, age: 100 } as const;
const HALF = { overdue: 200, live: 1, staleActiveA: 1 } as const;
const CRASHING = { overdue: 400, losing: 1, live: 1 } as const;
/** One waits for a little too long and is not taken. */
const STANDS = { waiting: 1, age: 151, overdue: 151, headStands: 0 } as const;
const LISTED = { waiting: step(17.5, 3, 0), live: 0, listFresh: 10 } as const;

const notServed: RuleTable = {
  rule: 'environment:anthropic_work_not_served:info',
  until: 20,
  rows: [
    ['unserved', { recorded: { unserved: 300 } }, 300],
    ['unserved, and somebody polls', { recorded: { unserved: 300, waiting: 3, polling: 1 } }, 300],
    out('nothing is known but what waits', 1, {}),
    ['nothing is known', pages('NoWorkers'), 1],
    ['another page', { ...pages('ApiAuthFailing'), recorded: { waiting: 3 } }, null],
    ['a ticket', { alerts: [['NoWorkers', 'warning', 1]], recorded: { waiting: 3 } }, null],
    out('one has polled', null, { polling: 1 }),
    out('nobody has polled', 1, { polling: 0 }),
    out('one works', null, { live: 1 }),
    out('nobody works', 1, { live: 0 }),
    ['one works, and nobody knows what waits', { ...pages('NoWorkers'), recorded: { live: 1 } }, null],
    out('one works, late, and more leases lapse than runs finish', 1, CRASHING),
    out('the same, and it polls', 1, CRASHING, { polling: 1 }),
    out('the same in time', null, { ...CRASHING, overdue: null }),
    out('one works, late, and as many runs finish', null, { ...CRASHING, losing: null }),
    out('one works, less late than before, and more leases lapse', null, { ...CRASHING, recovering: 300 }),
    ['one works, late, more leases lapse, and no page', { recorded: CRASHING }, null],
    out('one was taken within two minutes', null, { waiting: step(18.5, 3, 2) }),
    out('one was taken before', 1, { waiting: step(18, 3, 2) }),
    out('nothing waits for long, for two minutes, without a list', null, { ...SHORT, overdue: step(18, 200, null) }),
    out('it no longer waits for long, for two minutes', null, { ...STANDS, age: 100, overdue: step(18, 151, null) }),
    out('it no longer waits for long, for less', 1, { ...STANDS, age: 100, overdue: step(18.5, 151, null) }),
    out('nothing waits for long, for less, without a list', 1, { ...STANDS, overdue: step(18.5, 200, null) }),
    out('one waits a little longer', 1, STANDS),
    out('a long wait whose head has moved for four minutes', null, { ...STANDS, headStands: step(16, 0, null) }),
    out('for less', 1, { ...STANDS, headStands: step(16.5, 0, null) }),
    out('a list, and the head moves', 1, { ...STANDS, headStands: null, live: 0 }),
    out('one waits, and nobody knows since when', 1, { waiting: 1 }),
    out('nothing waits for long, with a list', 1, { ...SHORT, live: 0 }),
    out('empty, as a fresh list shows', null, LISTED),
    out('empty, but for an item whose heartbeat is stale', 1, { ...LISTED, staleActiveA: 1 }),
    out('empty, as an old list shows', 1, { ...LISTED, listFresh: null }),
    out('one waits, as a fresh list shows', 1, { ...LISTED, waiting: 1 }),
    out('half of what runs is silent', 1, HALF),
    out('half of what runs is silent, and one polls', 1, { ...HALF, polling: 1 }),
    out('a replica sees half of it silent', 1, { ...HALF, live: 2, staleActiveB: 2 }),
    out('less than half is', null, { ...HALF, live: 2 }),
    out('half of what runs is silent, and nothing waits for long', null, { ...HALF, overdue: null }),
    out('one works, another never had a heartbeat', null, { ...HALF, staleActiveA: null, staleStartingA: 1 }),
    ['half of what runs is silent, and there is no page', { recorded: { waiting: 3, ...HALF } }, null],
    out('empty for twelve minutes', null, { waiting: step(8, 3, 0), live: 0 }),
    out('empty for less', 1, { waiting: step(8.5, 3, 0), live: 0 }),
  ],
};

const withoutWorkers: RuleTable = {
  rule: 'environment:anthropic_work_without_workers:info',
  until: 20,
  rows: [
    ['work waits', { recorded: { waiting: 1, live: 0 } }, 1],
    ['nothing waits', { recorded: { waiting: 0, live: 0 } }, null],
    ['somebody polled ten minutes ago', { recorded: { waiting: 0, live: 0, polling: step(10.5, 1, 0) } }, 1],
    ['somebody polled before', { recorded: { waiting: 0, live: 0, polling: step(10, 1, 0) } }, null],
    [
      'somebody polled ten minutes ago, and nobody for minutes of the hour before',
      { recorded: { waiting: 0, live: 0, polling: step(10.5, 1, 0), pausing: step(10.5, 0, null) } },
      null,
    ],
    [
      'somebody polled ten minutes ago, and nobody for minutes, as was recorded last',
      { recorded: { waiting: 0, live: 0, polling: step(10.5, 1, 0), pausing: during(9.5, 10.5, [null, 0]) } },
      null,
    ],
    [
      'somebody polled ten minutes ago, and nobody does since',
      { recorded: { waiting: 0, live: 0, polling: step(10.5, 1, 0), pausing: step(10.5, null, 0) } },
      1,
    ],
    ['somebody polls', { raw: { polling: 1 }, recorded: { waiting: 1, live: 0 } }, null],
    ['nobody polls', { raw: { polling: 0 }, recorded: { waiting: 1, live: 0 } }, 1],
    [
      'one of two replicas sees who polls',
      { raw: { polling: 0 }, second: { polling: 1 }, recorded: { waiting: 1, live: 0 } },
      null,
    ],
    [
      'only one that is behind does',
      { raw: { polling: 0 }, second: { polling: 1 }, recorded: { waiting: 1, live: 0, laggingB: 60 } },
      1,
    ],
    [
      'the other one is behind',
      { raw: { polling: 1 }, second: { polling: 0 }, recorded: { waiting: 1, live: 0, laggingB: 60 } },
      null,
    ],
    ['one works', { recorded: { waiting: 1, live: 1 } }, null],
    ['no limit', { recorded: { waiting: 1, live: 0, ageOff: 1 } }, null],
    ...(
      [
        ['overdue', {}, 7],
        ['not overdue', { overdue: null }, null],
        ['nobody has polled for four minutes', { nobodyPolls: step(18, null, 0) }, 7],
        ['nobody has polled for less', { nobodyPolls: step(18.5, null, 0) }, null],
        ['somebody polls at times', { nobodyPolls: butNotAt(18) }, null],
        ['somebody polls by the stats', { nobodyPolls: null }, null],
        ['the head moves', { headStands: null }, null],
        ['a list shows that one works', { live: 1 }, null],
        ['a list shows that nobody works', { live: 0, nobodyPolls: null }, 7],
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

const workersLost: RuleTable = {
  rule: 'environment:anthropic_work_workers_lost:info',
  until: 20,
  rows: [
    ['it looks so, and nobody has polled for two minutes', { recorded: { withoutWorkers: 3, nobodyPolls: 0 } }, 3],
    ['nobody has polled for two minutes', { recorded: { nobodyPolls: 0 } }, null],
    ['a list shows by now that one works', { recorded: { withoutWorkers: 3, nobodyPolls: 0, live: 1 } }, null],
    ['a list shows that nobody works', { recorded: { withoutWorkers: 3, nobodyPolls: 0, live: 0 } }, 3],
    ['nobody knows who polls, for two minutes', { recorded: { withoutWorkers: step(18, null, 3) } }, 3],
    ['nobody knows who polls, for less', { recorded: { withoutWorkers: step(18.5, null, 3) } }, null],
    [
      'nobody knows who polls, and it does not look so any more',
      { recorded: { withoutWorkers: step(19, 3, null) } },
      null,
    ],
    ['somebody polled within two minutes', { recorded: { withoutWorkers: 3, polling: 1 } }, null],
    ['not served', { recorded: { unserved: 300 } }, 300],
    ['not served, and it looks so', { recorded: { withoutWorkers: 3, nobodyPolls: 0, unserved: 300 } }, 300],
  ],
};

const held: RuleTable = {
  rule: 'environment:anthropic_work_no_workers_held:info',
  until: 20,
  process: exporter(),
  given: { ...pages('NoWorkers'), recorded: { notServed: 1 }, raw: { info: 1 } },
  rows: [
    ['still not served', {}, 1],
    ['not served three and a half minutes ago', { recorded: { notServed: step(17, 1, null) } }, 1],
    ['served since', { recorded: { notServed: step(16.5, 1, null) } }, null],
    ['returned, not served ten minutes ago', { recorded: { notServed: step(10.5, 1, null), returnedNoWorkers: 1 } }, 1],
    ['returned, served since', { recorded: { notServed: step(10, 1, null), returnedNoWorkers: 1 } }, null],
    ['another page returned', { recorded: { notServed: step(16.5, 1, null), returnedNotVisible: 1 } }, null],
    ['no limit any more', { recorded: { ageOff: 1 } }, null],
    ['archived', { raw: { archived: 5 } }, null],
    ['known five minutes ago', { raw: { info: step(15.5, 1, null) } }, 1],
    ['gone', { raw: { info: step(15, 1, null) } }, null],
    ['its key is refused meanwhile', pages('ApiAuthFailing'), 1],
    ['deleted', { recorded: { deleted: 1 } }, null],
  ],
};

const heldWhileDown: RuleTable = {
  ...held,
  process: exporter({ up: 0 }),
  rows: [['nobody can say whether it is gone', { raw: { info: step(15, 1, null) } }, 1]],
};

const heldInMissingShard: RuleTable = {
  ...held,
  process: [
    ...exporter(),
    {
      name: 'ALERTS',
      labels: { job: JOB, alertname: 'AnthropicWorkExporterShardMissing', alertstate: 'pending' },
      line: 1,
    },
  ],
  rows: [['its shard may be missing', { raw: { info: step(15, 1, null) } }, 1]],
};

const heldNever: RuleTable = {
  ...held,
  given: { recorded: { notServed: 1 }, raw: { info: 1 } },
  rows: [
    ['no page', {}, null],
    ['another page', pages('LeasesLapsing'), null],
    ['a ticket', { alerts: [['NoWorkers', 'warning', 1]] }, null],
  ],
};

/** A page about many is out while the line says so: one to a table, because the rule joins by job. */
const young = (until: number, line: Line, isYoung: boolean): RuleTable => ({
  rule: 'AnthropicWorkNoWorkers critical AnthropicWorkNoWorkersAnywhere',
  until,
  rows: [
    [
      'without workers',
      { ...pages('NoWorkersAnywhere', line), recorded: { unserved: step(until - 1, null, 300) } },
      isYoung ? from(until) : null,
    ],
  ],
});
const youngTables: readonly RuleTable[] = [
  young(40, step(11, null, 1), true),
  young(40, step(10.5, null, 1), false),
  young(70, (minute) => ((minute >= 10 && minute < 30) || minute >= 50 ? 1 : null), true),
  young(40, during(30, 40, [null, 1]), true),
  young(40, during(30, 39.5, [null, 1]), false),
  young(40, null, false),
];

/** Environments without workers; the first of them says what becomes of all, because they are told of together. */
const anywhere = (title: string, all: readonly Inputs[], outcome: Outcome): RuleTable => ({
  rule: 'AnthropicWorkNoWorkersAnywhere critical',
  about: 'all environments',
  until: 20,
  rows: all.map((inputs, index) => [`${title}, ${index}`, inputs, index === 0 ? outcome : null]),
});
const NONE: Inputs = { recorded: { workersLost: step(5, null, 1) } };
const LATE: Inputs = { recorded: { workersLost: step(5, null, 1), unserved: 300 } };
const OWN: Inputs = { ...NONE, ...pages('NoWorkers') };
const MUTED = { told_by: 'AnthropicWorkNoWorkersAnywhere' };
/** Workers come back, and the pages that the one about many mutes last a little longer. */
const back = (labels: Readonly<Record<string, string>>): Inputs => ({
  recorded: { workersLost: during(5, 10, [null, 1]), unserved: during(5, 10, [null, 300]) },
  alerts: [['NoWorkers', 'critical', during(6, 12, [null, 1]), labels]],
});
const anywhereTables: readonly RuleTable[] = [
  anywhere('six', [LATE, NONE, NONE, NONE, NONE, NONE], from(5.5)),
  anywhere('five', [LATE, NONE, NONE, NONE, NONE], null),
  anywhere('none has waited for long', [NONE, NONE, NONE, NONE, NONE, NONE], null),
  anywhere('two of six are not told of', [LATE, NONE, OWN, OWN, OWN, OWN], from(5.5)),
  anywhere('all that are told of are late', [{ ...LATE, ...pages('NoWorkers') }, NONE, NONE, NONE, NONE, NONE], null),
  anywhere('muted pages', [back(MUTED), NONE, NONE, NONE, NONE, { ...NONE, ...back(MUTED) }], from(5.5, 12)),
  anywhere('pages of their own', [back({}), { ...NONE, ...back({}) }, NONE, NONE, NONE, NONE], from(5.5, 10)),
  anywhere(
    'muted pages alone',
    [back(MUTED), back(MUTED)].map(({ alerts }) => ({ alerts: alerts! })),
    null,
  ),
];

const OLD: Inputs = { ...NONE, ...pages('NoWorkers', step(5, null, 1)) };
/** One more fleet that dies at the minute 50, beside five whose pages began earlier. */
const rolling = (title: string, since: number, last: Inputs, outcome: Outcome): RuleTable => ({
  ...anywhere(
    title,
    [last, ...Array<Inputs>(5).fill({ ...NONE, ...pages('NoWorkers', step(since, null, 1)) })],
    outcome,
  ),
  until: 60,
});
const LAST: Inputs = { recorded: { workersLost: step(45, null, 1), unserved: step(50, null, 300) } };
const rollingTables: readonly RuleTable[] = [
  rolling('five within half an hour before', 21, LAST, from(50.5)),
  rolling('five more than half an hour before', 19.5, LAST, null),
  {
    ...anywhere(
      'two together, and four more than half an hour before',
      [LAST, { recorded: { workersLost: step(45, null, 1) } }, ...Array<Inputs>(4).fill(OLD)],
      from(50.5),
    ),
    until: 60,
  },
  rolling('five, and one that has not waited for long', 25, { recorded: { workersLost: step(45, null, 1) } }, null),
  rolling(
    'five, and one that has a page of its own as well',
    25,
    { ...LAST, ...pages('NoWorkers', step(25, null, 1)) },
    null,
  ),
  {
    ...anywhere(
      'four within half an hour before',
      [LAST, ...Array<Inputs>(4).fill({ ...NONE, ...pages('NoWorkers', step(25, null, 1)) }), OLD],
      null,
    ),
    until: 60,
  },
];

/** A page of its own, unless a page about many is young; without workers from a minute on. */
const ofItsOwn = (minute: number, line: Line, outcome: Outcome): RuleTable => ({
  rule: 'AnthropicWorkNoWorkers critical',
  until: minute + 10,
  rows: [
    ['unserved', { ...pages('NoWorkersAnywhere', line), recorded: { unserved: step(minute, null, 300) } }, outcome],
  ],
});

/** Environments that nobody could read; the first of them, seen without workers from the minute 9, says what becomes of all. */
const afterOutage = (title: string, first: Line, others: readonly Line[], outcome: Outcome): RuleTable => ({
  rule: 'AnthropicWorkNoWorkers critical',
  until: 20,
  rows: [
    [title, { recorded: { unserved: step(9, null, 300), blind: first } }, outcome],
    ...others.map((blind, index): Row => [`${title}, beside ${index}`, { recorded: { blind } }, null]),
  ],
});
const blindUntil = (minute: number) => step(minute, 1, null);
const beside = (count: number, minute: number) => Array<Line>(count).fill(blindUntil(minute));
/** Environments that look as if they had no workers; the first one, not served from the minute 9, says what becomes of all. */
const amongLookAlikes = (title: string, others: readonly Inputs[], outcome: Outcome): RuleTable => ({
  rule: 'AnthropicWorkNoWorkers critical',
  until: 20,
  rows: [
    [title, { recorded: { unserved: step(9, null, 300), workersLost: step(9, null, 300) } }, outcome],
    ...others.map((inputs, index): Row => [`${title}, beside ${index}`, inputs, null]),
  ],
});
const LOOKS: Inputs = { recorded: { withoutWorkers: 1 } };
const SURE: Inputs = { recorded: { withoutWorkers: 1, workersLost: 1 } };
const amongLookAlikesTables: readonly RuleTable[] = [
  amongLookAlikes('beside five that look so', Array<Inputs>(5).fill(LOOKS), from(12)),
  amongLookAlikes('beside four that look so', Array<Inputs>(4).fill(LOOKS), from(10)),
  amongLookAlikes('beside five that have none', Array<Inputs>(5).fill(SURE), from(10)),
  amongLookAlikes(
    'beside four that have none, and one that looks so',
    [...Array<Inputs>(4).fill(SURE), LOOKS],
    from(12),
  ),
  amongLookAlikes(
    'beside five that look so for a moment',
    Array<Inputs>(5).fill({ recorded: { withoutWorkers: during(8, 10, [null, 1]) } }),
    from(11),
  ),
];
const afterOutageTables: readonly RuleTable[] = [
  afterOutage('one of six that are read again', blindUntil(9), beside(5, 9), from(12)),
  afterOutage('one of five that are read again', blindUntil(9), beside(4, 9), from(10)),
  afterOutage('the first of seven that are read again', blindUntil(9), beside(6, 12), from(12)),
  afterOutage('the last of six that are read again', blindUntil(9), beside(5, 7), from(10)),
  afterOutage('still not read', 1, beside(5, 9), from(10)),
  afterOutage('always read', null, beside(6, 9), from(10)),
];

const perhapsNone: RuleTable = {
  rule: 'AnthropicWorkNoWorkers warning',
  until: 40,
  given: { recorded: { overdue: 200, nobodyPolls: 0 } },
  rows: [
    ['all the time', {}, from(8)],
    ['nothing is alive', { recorded: { live: 0 } }, from(8)],
    ['one is alive', { recorded: { live: step(20, 0, 1) } }, from(8, 22)],
    ['somebody polls', { recorded: { nobodyPolls: step(20, 0, null) } }, from(8, 22)],
    ['nothing waits for long', { recorded: { overdue: step(20, 200, null) } }, from(8, 22)],
    ['a page says why', { recorded: { causePaged: step(20, null, 1) } }, from(8, 22)],
  ],
};

const workers: RuleTable = {
  rule: 'environment:anthropic_work_workers_of_minimum:max',
  until: 20,
  every: 1,
  given: { raw: { minWorkers: 1, polling: 1 } },
  rows: [
    ['polling and serving', { recorded: { live: 2, polling: 9 } }, 3],
    ['two replicas', { second: { polling: 3 }, recorded: { live: 2 } }, 5],
    ['no minimum', { raw: { minWorkers: 0 }, recorded: { live: 2 } }, null],
    ['no minimum of one of two replicas', { second: { minWorkers: 0 }, recorded: { live: 2 } }, null],
    ['archived', { raw: { archived: 5 }, recorded: { live: 2 } }, null],
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
    ['one of two', { recorded: { workers: 1 } }, from(5)],
    ['two of two', { recorded: { workers: 2 } }, null],
    ['one comes back', { recorded: { workers: step(20, 1, 2) } }, from(5, 24)],
    ['two of three go', { recorded: { workers: step(20, 3, 1) } }, from(30)],
    ['the lower minimum of two counts', { recorded: { workers: 1 }, second: { minWorkers: 1 } }, null],
    [
      'the lower minimum of two is met',
      { recorded: { workers: step(20, 0, 1.5) }, second: { minWorkers: 1 } },
      from(5, 24),
    ],
    [
      'below the lower minimum of two',
      { recorded: { workers: step(20, 3, 0.5) }, second: { minWorkers: 1 } },
      from(33),
    ],
    ['a page says why', { recorded: { workers: 1, causePaged: step(20, null, 1) } }, from(5, 22)],
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
  ...[
    unserved,
    unservedAfterLateTake,
    unservedLong,
    notServed,
    withoutWorkers,
    withoutWorkersAfterLateTake,
    withoutWorkersAfterPause,
    workersLost,
    held,
    heldWhileDown,
    heldInMissingShard,
    heldNever,
  ],
  ...youngTables,
  ...anywhereTables,
  ...rollingTables,
  ...amongLookAlikesTables,
  ...afterOutageTables,
  ofItsOwn(5, null, from(6)),
  ofItsOwn(5, 1, null),
  ofItsOwn(5, during(0, 6.5, [null, 1]), from(8)),
  ofItsOwn(32, step(10.5, null, 1), from(41)),
  ofItsOwn(29, step(20, null, 1), null),
  ofItsOwn(60, (minute) => ((minute >= 10 && minute < 30) || minute >= 50 ? 1 : null), null),
  ...[perhapsNone, workers, belowMinimum, unknown],
];
