import { during, type Line, step } from '../support/lines.ts';
import type { ShortName } from '../support/rule-case.ts';
import type { Inputs, Outcome, Row, RuleTable } from '../support/rule-table.ts';
import { from, shardMissing } from '../support/table-parts.ts';
import { anywhereTables } from './anywhere-tables.ts';

/** An alert that is firing at one minute alone. */
const onceOut = (alert: ShortName, minute: number): Inputs => ({
  alerts: [[alert, 'critical', during(minute, minute + 0.5, [null, 1])]],
});
/** A counter that grows by so many at one minute. */
const jump = (minute: number, by: number): Line => step(minute, 100, 100 + by);

const lapsed15m: RuleTable = {
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

const lapsed5m: RuleTable = {
  rule: 'environment:anthropic_work_items_lapsed:increase5m',
  until: 20,
  rows: [
    ['a moment ago', { raw: { lapsed: jump(15.5, 1) } }, 1.0167],
    ['before', { raw: { lapsed: jump(15, 1) } }, null],
    ['seen by one of two replicas', { raw: { lapsed: 0 }, second: { lapsed: jump(18, 1) } }, 1.0167],
  ],
};

const losingRuns: RuleTable = {
  rule: 'environment:anthropic_work_runs_losing:info5m',
  until: 20,
  given: { recorded: { lapsed5m: 3 }, raw: { stopped: 0 } },
  rows: [
    ['no run finishes', {}, 3],
    ['fewer finish', { raw: { stopped: jump(18, 2) } }, 3],
    ['as many finish', { raw: { stopped: jump(18, 3) } }, null],
    ['as many finished four minutes ago', { raw: { stopped: jump(16, 3) } }, null],
    ['neither', { recorded: { lapsed5m: 0 } }, null],
    ['as many finished before', { raw: { stopped: jump(15, 3) } }, 3],
    ['one of two replicas sees as many finish', { second: { stopped: jump(18, 3) } }, null],
    ['none lapses', { recorded: { lapsed5m: null } }, null],
  ],
};

const leasesLapsing: RuleTable = {
  rule: 'environment:anthropic_work_leases_lapsing:increase15m',
  until: 30,
  given: { recorded: { lapsed15m: 3 } },
  rows: [
    ['half a minute of silence for each', { recorded: { silentActiveA: during(10, 11.5, [null, 1]) } }, 3],
    ['the same, longer ago', { recorded: { silentActiveA: during(8.5, 10, [null, 1]) } }, null],
    ['less silence', { recorded: { silentActiveA: during(20, 21, [null, 1]) } }, null],
    ['just not enough', { recorded: { lapsed15m: 5.5, silentActiveA: during(20, 22.5, [null, 1]) } }, null],
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
    ['silence without lapses', { recorded: { lapsed15m: null, silentActiveA: 1 }, raw: { redelivered: 3 } }, null],
  ],
};

const noneFinishes: RuleTable = {
  rule: 'environment:anthropic_work_runs_none_finishes:info15m',
  until: 40,
  given: { recorded: { leasesLapsing: 9 }, raw: { stopped: 0 } },
  rows: [
    ['none', {}, 9],
    ['nothing lapses', { recorded: { leasesLapsing: null } }, null],
    ['a quarter of them, fourteen minutes ago', { raw: { stopped: jump(26.5, 3) } }, null],
    ['a quarter of them, longer ago', { raw: { stopped: jump(24, 3) } }, 9],
    ['fewer, six minutes ago', { raw: { stopped: jump(34, 2) } }, 9],
    ['one, four minutes ago', { raw: { stopped: jump(36, 1) } }, null],
    ['one, six minutes ago', { raw: { stopped: jump(34, 1) } }, 9],
    ['one, four minutes ago, as one of two replicas sees', { second: { stopped: jump(36, 1) } }, null],
    ['a quarter, ten minutes ago, as one of two replicas sees', { second: { stopped: jump(30, 3) } }, null],
    ['one of many', { raw: { stopped: jump(36, 1) }, recorded: { leasesLapsing: 13 } }, 13],
    ['one of two replicas sees them finish', { second: { stopped: (minute) => minute } }, null],
  ],
};

/** Pages about runs that are lost, under these labels. */
const paged = (line: Line = 1, labels: Readonly<Record<string, string>> = {}): Inputs => ({
  alerts: [['LeasesLapsing', 'critical', line, labels]],
});
const TOLD = { told_by: 'AnthropicWorkLeasesLapsingAnywhere' };

const runsLost: RuleTable = {
  rule: 'environment:anthropic_work_runs_lost:info15m',
  until: 40,
  given: { recorded: { noneFinishes: 3, lapsed5m: 1 } },
  rows: [
    ['three', {}, 3],
    ['two', { recorded: { noneFinishes: 2 } }, null],
    ['two, and its page is firing', { recorded: { noneFinishes: 2 }, ...paged() }, 2],
    ['two, and it is told by another page', { recorded: { noneFinishes: 2 }, ...paged(1, TOLD) }, 2],
    [
      'two, and its ticket is firing',
      { recorded: { noneFinishes: 2 }, alerts: [['LeasesLapsing', 'warning', 1]] },
      null,
    ],
    ['none lapsed lately', { recorded: { lapsed5m: null } }, null],
    ['none lapsed lately, and its page is firing', { recorded: { lapsed5m: null }, ...paged() }, 3],
    ['some finish, and its page is firing', { recorded: { noneFinishes: null }, ...paged() }, null],
    ['nobody takes any', { recorded: { noneAcknowledged: step(39, null, 0) } }, null],
    ['nobody has taken any for three minutes', { recorded: { noneAcknowledged: step(37, null, 0) }, ...paged() }, null],
    ['nobody has taken any for less', { recorded: { noneAcknowledged: step(37.5, null, 0) }, ...paged() }, 3],
    ['somebody takes again', { recorded: { noneAcknowledged: during(30, 38, [null, 0]) }, ...paged() }, 3],
    ['its list is not read', { recorded: { noneFinishes: null, listUnread: 0 }, ...paged() }, 1],
    ['its list is not read, and it has no page', { recorded: { noneFinishes: null, listUnread: 0 } }, null],
    [
      'its list was not read five minutes ago',
      { recorded: { noneFinishes: null, listUnread: during(20, 35.5, [null, 0]) }, ...paged() },
      1,
    ],
    [
      'its list was not read before',
      { recorded: { noneFinishes: null, listUnread: during(20, 35, [null, 0]) }, ...paged() },
      null,
    ],
    ['its statistics are not read', { recorded: { noneFinishes: null, statsUnread: 0 }, ...paged() }, null],
    ['nobody worked twenty minutes ago', onceOut('NoWorkers', 20), null],
    ['nobody worked before', onceOut('NoWorkers', 19.5), 3],
    ['a page said something else', onceOut('EnvironmentNotVisible', 20), 3],
    ['a ticket said that nobody works', { alerts: [['NoWorkers', 'warning', 1]] }, 3],
  ],
};

const unwatched: RuleTable = {
  ...runsLost,
  watched: step(20, 1, null),
  given: {},
  rows: [
    ['its page is firing, and nobody watches', paged(), 1],
    ['it has no page, and nobody watches', {}, null],
    [
      'all the same it is read, and no run lapses',
      { ...paged(), recorded: { environmentInfo: 1, seenUnwatched: 1 } },
      null,
    ],
    [
      'all the same it is read, and runs lapse',
      { ...paged(), recorded: { environmentInfo: 1, seenUnwatched: 1, lapsed15m: 2 } },
      1,
    ],
    [
      'it is read, but for less than five minutes',
      { ...paged(), recorded: { environmentInfo: step(35.5, null, 1), seenUnwatched: 1 } },
      1,
    ],
    [
      'it has been read for seven minutes',
      { ...paged(), recorded: { environmentInfo: step(33, null, 1), seenUnwatched: 1 } },
      null,
    ],
    [
      'a page says that nobody works',
      {
        alerts: [
          ['LeasesLapsing', 'critical', 1],
          ['NoWorkers', 'critical', 1],
        ],
      },
      null,
    ],
  ],
};

/** Some exporter is up, and a shard is missing: perhaps the one that knew the environment. */
const inMissingShard: RuleTable = {
  ...runsLost,
  given: {},
  process: [shardMissing(1)],
  rows: [
    ['its page is firing, and it is not known any more', paged(), 1],
    ['its page is firing, and it is known', { ...paged(), recorded: { environmentInfo: 1 } }, null],
    ['it has no page', {}, null],
  ],
};

const lostSomewhere: RuleTable = {
  rule: 'environment:anthropic_work_runs_lost:some15m',
  until: 40,
  given: { recorded: { noneFinishes: 2, lapsed5m: 1 } },
  rows: [
    ['two', {}, 2],
    ['three', { recorded: { runsLost: 3 } }, 3],
    ['three, and none lapsed lately', { recorded: { runsLost: 3, noneFinishes: null, lapsed5m: null } }, 3],
    ['two, and none lapsed lately', { recorded: { lapsed5m: null } }, null],
    ['some finish', { recorded: { noneFinishes: null } }, null],
    ['nobody takes any', { recorded: { noneAcknowledged: 0 } }, null],
    ['nobody worked twenty minutes ago', onceOut('NoWorkers', 20), null],
    ['nobody worked before', onceOut('NoWorkers', 19.5), 2],
  ],
};

/** The page of an environment, of its own or told by another; while a page about many is firing, or is not. */
const ofOne = (rule: string, many: Line, rows: readonly Row[]): RuleTable => ({
  rule,
  until: 60,
  rows: [['the one that decides', { alerts: [['LeasesLapsingAnywhere', 'critical', many]] }, null], ...rows],
});
const LOST: Inputs = { recorded: { runsLost: step(50, null, 3) } };
const OWN = 'AnthropicWorkLeasesLapsing critical';
const AMONG = 'AnthropicWorkLeasesLapsing critical AnthropicWorkLeasesLapsingAnywhere';
/** A page about many that was out before, and is again. */
const ANEW: Line = (minute) => (minute < 30 || minute >= 40 ? 1 : null);
const ofOneTables: readonly RuleTable[] = [
  ofOne(OWN, null, [
    ['lost', LOST, from(52)],
    ['lost for ten minutes', { recorded: { runsLost: during(20, 30, [null, 3]) } }, from(22, 32)],
    ['nothing is lost', {}, null],
  ]),
  ofOne(OWN, step(44, null, 1), [
    ['lost', LOST, null],
    ['with a page of its own', { recorded: { runsLost: step(30, null, 3) } }, from(32)],
  ]),
  ofOne(OWN, 1, [['lost, and the page about many is old', LOST, from(52)]]),
  ofOne(OWN, step(22.5, null, 1), [['lost as the page about many gets old', LOST, from(54)]]),
  ofOne(OWN, during(44, 50, [null, 1]), [['lost as the page about many has ended', LOST, from(52.5)]]),
  ofOne(OWN, ANEW, [['lost as another one about many is young', LOST, null]]),
  ofOne(AMONG, null, [['lost', LOST, null]]),
  ofOne(AMONG, step(44, null, 1), [
    ['lost', LOST, from(52)],
    ['with a page of its own', { ...LOST, ...paged() }, null],
    ['lost for some minutes', { recorded: { runsLost: during(50, 56, [null, 3]) } }, from(52, 58)],
  ]),
  ofOne(AMONG, during(44, 52, [null, 1]), [['lost, and the page about many ends as it is due', LOST, from(52)]]),
  ofOne(AMONG, during(44, 51.5, [null, 1]), [['lost, and the page about many has ended', LOST, null]]),
  ofOne(AMONG, 1, [['lost, and the page about many is old', LOST, null]]),
  ofOne(AMONG, step(23, null, 1), [['lost, and the page about many is younger than half an hour', LOST, from(52)]]),
  ofOne(AMONG, step(22.5, null, 1), [['lost as the page about many gets old', LOST, null]]),
  ofOne(AMONG, ANEW, [['lost as another one about many is young', LOST, from(52)]]),
];

/** Environments that look as if they lost their runs; the first one, which does from the minute 9, says what becomes of all. */
const amongLookAlikes = (title: string, others: readonly Inputs[], outcome: Outcome): RuleTable => ({
  rule: OWN,
  until: 20,
  rows: [
    [title, { recorded: { runsLost: step(9, null, 3), someRunsLost: step(9, null, 3) } }, outcome],
    ...others.map((inputs, index): Row => [`${title}, beside ${index}`, inputs, null]),
  ],
});
const LOOKS: Inputs = { recorded: { losingRuns: 2, leasesLapsing: 2 } };
const SURE: Inputs = { recorded: { losingRuns: 2, leasesLapsing: 2, someRunsLost: 2 } };
const among = (looks: number, sure: number) => [...Array<Inputs>(looks).fill(LOOKS), ...Array<Inputs>(sure).fill(SURE)];
const amongLookAlikesTables: readonly RuleTable[] = [
  amongLookAlikes(
    'beside five, surely, and one in which nothing is silent',
    [...among(0, 5), { recorded: { losingRuns: 2 } }],
    from(11),
  ),
  amongLookAlikes(
    'beside four, three of them surely, and two in which nothing is silent',
    [...among(1, 3), { recorded: { losingRuns: 2 } }, { recorded: { losingRuns: 2 } }],
    from(11),
  ),
  amongLookAlikes('beside five that look so', among(5, 0), from(15)),
  amongLookAlikes('beside four', among(4, 0), from(11)),
  amongLookAlikes('beside five, four of them surely', among(1, 4), from(15)),
  amongLookAlikes('beside five, surely', among(0, 5), from(11)),
  amongLookAlikes(
    'beside five in which nothing is silent',
    Array<Inputs>(5).fill({ recorded: { losingRuns: 2 } }),
    from(11),
  ),
  amongLookAlikes(
    'beside five in which more finish',
    Array<Inputs>(5).fill({ recorded: { leasesLapsing: 2 } }),
    from(11),
  ),
];

const someLapse: RuleTable = {
  rule: 'AnthropicWorkLeasesLapsing warning',
  until: 60,
  given: {
    recorded: { leasesLapsing: 3, lapsed5m: during(20, 25, [null, 1]) },
    raw: { acknowledged: (minute) => (59 * minute) / 15 },
  },
  rows: [
    ['one in twenty', {}, from(21, 29)],
    ['fewer', { raw: { acknowledged: (minute) => (61 * minute) / 15 } }, null],
    ['one in ten', { raw: { acknowledged: (minute) => (30 * minute) / 15 } }, from(21, 29)],
    ['none lapses', { recorded: { leasesLapsing: null } }, null],
    [
      'many were taken a while ago',
      { raw: { acknowledged: jump(10, 100) }, recorded: { lapsed5m: during(24, 29, [null, 1]) } },
      from(26, 33),
    ],
    ['none lapsed lately', { recorded: { lapsed5m: null } }, null],
    ['fewer were taken, as one of two replicas knows', { second: { acknowledged: 0 } }, from(21, 29)],
    ['more were taken, as one of two replicas knows', { second: { acknowledged: (minute) => 5 * minute } }, null],
    ['a page is about to say why', { recorded: { causePaged: step(20.5, null, 1) } }, null],
    ['a page says why', { recorded: { causePaged: step(22, null, 1) } }, from(21, 26)],
  ],
};

export const LAPSE_TABLES: readonly RuleTable[] = [
  ...[
    lapsed15m,
    lapsed5m,
    losingRuns,
    leasesLapsing,
    noneFinishes,
    runsLost,
    unwatched,
    inMissingShard,
    lostSomewhere,
    someLapse,
  ],
  ...ofOneTables,
  ...amongLookAlikesTables,
  ...anywhereTables({
    one: 'LeasesLapsing',
    many: 'LeasesLapsingAnywhere',
    all: 'someRunsLost',
    due: 'runsLost',
    wait: 2,
  }),
];
