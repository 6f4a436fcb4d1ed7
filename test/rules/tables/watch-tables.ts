import { RECORDED } from '../../../src/rules/parts/recorded.ts';
import { during, type Line, now, step } from '../support/lines.ts';
import type { ShortName } from '../support/rule-case.ts';
import type { Inputs, RuleTable } from '../support/rule-table.ts';
import { JOB, type Series } from '../support/series.ts';
import { shardMissing } from '../support/table-parts.ts';

const target = (instance: string, line: Line): Series => ({ name: 'up', labels: { job: JOB, instance }, line });

/** Whether somebody watches at the minute 20, by what Prometheus saw of the targets of the job. */
const watched = (title: string, targets: readonly Series[], outcome: 1 | null): RuleTable => ({
  rule: RECORDED.exporterWatches,
  about: 'all environments',
  until: 20,
  watched: null,
  process: targets,
  rows: [[title, {}, outcome]],
});

const WATCHED: readonly RuleTable[] = [
  watched('all the time', [target('a', 1)], 1),
  watched('but for a lost scrape', [target('a', during(19, 19.5, [1, 0]))], 1),
  watched('but for a lost scrape some minutes ago', [target('a', during(16.5, 17, [1, 0]))], 1),
  watched('up again a minute ago', [target('a', step(19, 0, 1))], null),
  watched('up again for four minutes', [target('a', step(16, 0, 1))], 1),
  watched(
    'under another name since two minutes ago',
    [target('a', step(14, 1, null)), target('b', step(18, null, 1))],
    null,
  ),
  watched('under another name since four minutes ago', [target('b', step(16, null, 1))], 1),
  watched('every second scrape is lost', [target('a', (minute) => (minute % 1 === 0 ? 1 : 0))], null),
  watched('away for a minute, some minutes ago', [target('a', during(16, 17.5, [1, 0]))], 1),
  watched(
    'a new one, up for three of its four scrapes',
    [target('a', step(17, 1, null)), target('b', (minute) => (minute < 18.5 ? null : minute < 19 ? 0 : 1))],
    null,
  ),
  watched('after three minutes away, up for less than three', [target('a', during(14.5, 17.5, [1, 0]))], null),
  watched(
    'one of four scrapes is lost, a minute apart',
    [target('a', (minute) => (Number.isInteger(minute) ? Number(minute !== 19) : null))],
    null,
  ),
  watched('its target has vanished a minute ago', [target('a', step(19, 1, null))], null),
  watched(
    'its target has vanished, and another one is there at once',
    [target('a', step(18, 1, null)), target('b', step(18, null, 1))],
    null,
  ),
  watched('beside one whose target has vanished', [target('a', step(19, 1, null)), target('b', 1)], 1),
  watched('the last scrape is lost', [target('a', step(20, 1, 0))], 1),
  watched('one of two', [target('a', 0), target('b', 1)], 1),
  watched('down', [target('a', step(10, 1, 0))], null),
  watched('no target', [], null),
];

/** Whether an environment can be read while nobody watches without a break. */
const SEEN: RuleTable = {
  rule: RECORDED.seenUnwatched,
  about: 'environment with its connection',
  until: 20,
  watched: step(20, 1, null),
  given: { recorded: { environmentInfo: 1, statsAgeOfA: 10 } },
  rows: [
    ['read', {}, 1],
    ['never read by this exporter', { recorded: { statsAgeOfA: null } }, null],
    ['read by the other replica', { recorded: { statsAgeOfA: null, statsAgeOfB: 10 } }, 1],
    ['not known', { recorded: { environmentInfo: null } }, null],
    ['not read for long', { recorded: { notVisible: 1 } }, null],
    ['read now and then', { recorded: { readsFlapping: 1 } }, null],
    ['refused for the list', { recorded: { failingList401: 2 } }, null],
    ['forbidden for the list', { recorded: { failingList403: 2 } }, null],
    ['its list fails', { recorded: { failingListTimeout: 2, listUnread: 1 } }, 1],
    ['a read failed three minutes ago', { recorded: { statsUnread: step(17.5, 1, null) } }, null],
    ['the last failed longer ago', { recorded: { statsUnread: step(17, 1, null) } }, 1],
  ],
};
const SEEN_WATCHED: RuleTable = { ...SEEN, watched: 1, rows: [['read', {}, null]] };

const GOES_ON = 'goes on';
/** All the same, what the page is about is known again five minutes after nobody watched. */
const IS_KNOWN = 'is known';
/** From this minute on nothing is shown, and nobody watches until ten minutes later. */
const GONE = 20;
const shown = (value: number): Line => step(GONE, value, null);

/** A page that goes on while nobody watches, and ends when somebody does and shows nothing of what it is about. */
const unwatched = (
  alert: ShortName,
  given: Inputs,
  [begins, ends]: readonly [number, number],
  more: Partial<RuleTable> = {},
  known: Inputs = SEEN_AGAIN,
): RuleTable => ({
  rule: `AnthropicWork${alert} critical`,
  until: 40,
  watched: during(GONE, GONE + 10, [1, null]),
  ...more,
  rows: [
    [GOES_ON, given, { fires: [[begins, ends]] }],
    [IS_KNOWN, merged(given, known), { fires: [[begins, ends - 5]] }],
    ['was never told', {}, null],
  ],
});

const SEEN_AGAIN: Inputs = { recorded: { seenUnwatched: step(GONE + 5, null, 1) } };
/** There is no other one on its connection. */
const ALL_SEEN: Inputs = { recorded: { ...SEEN_AGAIN.recorded, environmentsRead: 1 } };

function merged(given: Inputs, own: Inputs): Inputs {
  return { ...given, ...own, raw: { ...given.raw, ...own.raw }, recorded: { ...given.recorded, ...own.recorded } };
}

/** As blind as the first, and on its connection; where that is known again, this one is, too. */
const another: readonly Series[] = [GOES_ON, IS_KNOWN].flatMap((connection) =>
  [
    { name: RECORDED.notVisible, line: shown(1) },
    { name: RECORDED.environmentInfo, line: shown(1) },
    ...(connection === IS_KNOWN ? [{ name: RECORDED.seenUnwatched, line: step(GONE + 5, null, 1) }] : []),
  ].map((one) => ({
    ...one,
    labels: { job: JOB, connection, environment_id: `another ${connection}`, environment_name: 'x' },
  })),
);

const blind: Inputs = { recorded: { environmentInfo: shown(1), environmentsRead: 2, notVisible: shown(1) } };
const withIts = { about: 'environment with its connection' } as const;
const ofConnection = { about: 'connection' } as const;

const LATE: Inputs = {
  recorded: { late: shown(901), ratioToCritical: shown(1.01), criticalLimit: 900, warningLimit: 300 },
};

type Held = Parameters<typeof unwatched>;
const OF_ENVIRONMENTS: readonly Held[] = [
  ['OldestItemTooOld', LATE, [2, 31], {}, { recorded: { waiting: step(GONE + 5, null, 0) } }],
  [
    'Saturated',
    { recorded: { tooDeepCritical: shown(100) } },
    [15, 32],
    {},
    { raw: { depth: step(GONE + 5, null, 0) } },
  ],
  ['EnvironmentNotVisible', blind, [3, 31], withIts],
  ['ApiAuthFailing', { recorded: { ...blind.recorded, failing401: 2 } }, [1.5, 33], withIts],
];

const UNWATCHED: readonly RuleTable[] = [
  ...OF_ENVIRONMENTS.map((one) => unwatched(...one)),
  unwatched('ApiUnreachable', blind, [1, 32], { ...ofConnection, process: another }),
  unwatched('CredentialRejected', { recorded: { environmentsRefused: shown(2) } }, [1, 32], ofConnection, ALL_SEEN),
  unwatched('ApiRateLimited', { recorded: { ...blind.recorded, statsTwice429: 4 } }, [0.5, 32], ofConnection, ALL_SEEN),
  {
    ...unwatched('ApiRateLimited', {}, [0, 0], ofConnection),
    rows: [
      [
        'another one is not read yet',
        merged({ recorded: { ...blind.recorded, statsTwice429: 4 } }, SEEN_AGAIN),
        { fires: [[0.5, 32]] },
      ],
    ],
  },
  unwatched('DiscoveryFailing', { recorded: { undiscovered: shown(0) } }, [5, 32], ofConnection),
  {
    ...unwatched('OldestItemTooOld', {}, [0, 0]),
    rows: [
      [
        'how much waits is known, and its age is not',
        merged(LATE, { recorded: { waiting: step(GONE + 5, null, 3) } }),
        { fires: [[2, 31]] },
      ],
      [
        'its age is known',
        merged(LATE, { recorded: { waiting: step(GONE + 5, null, 3), oldestAge: step(GONE + 5, null, 10) } }),
        { fires: [[2, 26]] },
      ],
    ],
  },
];

/** Some exporter is up, and the shard is missing that knew the environment. */
const IN_MISSING_SHARD = OF_ENVIRONMENTS.map(
  ([alert, given, [begins, ends], more]): RuleTable => ({
    rule: `AnthropicWork${alert} critical`,
    until: 40,
    ...more,
    process: [shardMissing(during(GONE, GONE + 10, [null, 1]))],
    rows: [
      [GOES_ON, { ...given, recorded: { ...given.recorded, environmentInfo: shown(1) } }, { fires: [[begins, ends]] }],
      ['is known', { ...given, recorded: { ...given.recorded, environmentInfo: 1 } }, { fires: [[begins, ends - 10]] }],
    ],
  }),
);

/** A target that is down for as long as anybody looks, and a page about all of them at some time. */
const instanceDown = (title: string, absent: Line, fires: number): RuleTable => ({
  rule: 'AnthropicWorkExporterInstanceDown warning',
  about: 'all environments',
  labels: { instance: 'a' },
  until: 40,
  process: [
    target('a', 0),
    {
      name: 'ALERTS',
      labels: { job: JOB, alertname: 'AnthropicWorkExporterAbsent', severity: 'critical', alertstate: 'firing' },
      line: absent,
    },
  ],
  rows: [[title, {}, { fires: [[fires, 1e9]] }]],
});

const INSTANCES: readonly RuleTable[] = [
  instanceDown('and nothing else', null, 10),
  instanceDown('and a page about all said so at the start', during(0, 5, [null, 1]), 25),
];

/** A page about an exporter that was down for ten minutes, which has returned or not; somebody watches from the minute 13. */
const absent = (title: string, returned: Line, until: number, outcome: 1 | null): RuleTable => ({
  rule: RECORDED.exporterAbsent,
  about: 'all environments',
  until,
  every: 1,
  watched: step(13, null, 1),
  process: [
    target('a', step(10, 0, 1)),
    { name: RECORDED.exporterScraped, labels: { job: JOB }, line: step(10, null, 1) },
    { name: 'anthropic_work_exporter_time_seconds', labels: { job: JOB, instance: 'a' }, line: now },
    {
      name: RECORDED.pageReturned,
      labels: { job: JOB, alertname: 'AnthropicWorkExporterAbsent' },
      line: returned,
    },
    { name: RECORDED.pageReturned, labels: { job: JOB, alertname: 'AnthropicWorkApiUnreachable' }, line: 1 },
  ],
  rows: [[title, {}, outcome]],
});

/** It is absent from the minute 5, and nothing is recorded while Prometheus is away for some minutes. */
const unrecorded = (minutes: number, again: number): RuleTable => ({
  rule: 'AnthropicWorkExporterAbsent critical',
  about: 'all environments',
  until: 40,
  process: [
    {
      name: RECORDED.exporterAbsent,
      labels: { job: JOB },
      line: (minute) => (minute < 5 || (minute >= 20 && minute < 20 + minutes) ? null : 1),
    },
  ],
  rows: [
    [
      `Prometheus away for ${minutes}`,
      {},
      {
        fires: [
          [10, 20],
          [again, 1e9],
        ],
      },
    ],
  ],
});

const ABSENT: readonly RuleTable[] = [
  absent('for the first time', null, 15, null),
  absent('returned', step(5, null, 1), 16, 1),
  absent('returned, and watched for long', step(5, null, 1), 17, null),
  unrecorded(2, 22),
  unrecorded(3, 28),
];

export const WATCH_TABLES: readonly RuleTable[] = [
  ...WATCHED,
  SEEN,
  SEEN_WATCHED,
  ...UNWATCHED,
  ...IN_MISSING_SHARD,
  ...INSTANCES,
  ...ABSENT,
];
