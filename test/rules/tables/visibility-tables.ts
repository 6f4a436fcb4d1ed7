import { RECORDED } from '../../../src/rules/parts/recorded.ts';
import { during, type Line, step } from '../support/lines.ts';
import type { ShortName } from '../support/rule-case.ts';
import { type Inputs, type Outcome, type Row, type RuleTable, spansOf } from '../support/rule-table.ts';
import { bareConnection, exporter, JOB, type Series } from '../support/series.ts';

/** Up to the end of the table. */
const ON = 1e9;
const rises = (minute: number, by: number): Line => step(minute, 0, by);
/** 1 at first, and another value from each of these minutes on. */
const changesAt =
  (...minutes: readonly number[]) =>
  (now: number) =>
    minutes.filter((minute) => minute <= now).length % 2 === 0 ? 1 : 0;
/** Reads of the stats fail and succeed in turn, on each replica. */
const away = (name: string, minutes: readonly number[], outcome: null | 1, recorded: Inputs['recorded'] = {}): Row => {
  const up = changesAt(...minutes);
  return [
    name,
    { raw: { upStats: up }, recorded: { statsUnread: (minute) => (up(minute) === 0 ? 0 : null), ...recorded } },
    outcome,
  ];
};
const of = (operation: 'stats' | 'list', reason: string, value: number) => ({
  samples: [[{ operation, reason }, value]] as const,
});

const failures: RuleTable = {
  rule: 'environment_operation:anthropic_work_api_request_failures:increase15m',
  until: 40,
  rows: [
    ['twelve minutes ago', { raw: { stats429: rises(28, 3) } }, of('stats', 'rate_limited', 3)],
    ['twenty minutes ago', { raw: { stats429: rises(20, 3), list401: rises(20, 3) } }, null],
    [
      'more of them on one replica',
      { raw: { stats401: rises(30, 4) }, second: { stats401: rises(30, 2) } },
      of('stats', 'unauthorized', 4),
    ],
    ['refused for the list', { raw: { list401: rises(28, 3) } }, of('list', 'unauthorized', 3)],
    ['forbidden for the list', { raw: { list403: rises(28, 3) } }, of('list', 'forbidden', 3)],
    ['limited for the list', { raw: { list429: rises(28, 3) } }, of('list', 'rate_limited', 3)],
    ['limited once for the list', { raw: { list429: rises(28, 1) } }, of('list', 'rate_limited', 1)],
    ['none of that environment', { raw: { stats404: rises(28, 3) } }, of('stats', 'not_found', 3)],
    ['for a reason that no page names', { raw: { statsTimeout: rises(28, 3), list404: rises(28, 3) } }, null],
  ],
};

const otherFailures: RuleTable = {
  rule: 'environment_operation:anthropic_work_other_request_failures:increase15m',
  until: 40,
  rows: [
    ['twelve minutes ago', { raw: { statsTimeout: rises(28, 3) } }, of('stats', 'timeout', 3)],
    ['twenty minutes ago', { raw: { statsTimeout: rises(20, 3), list404: rises(20, 3) } }, null],
    ['little', { raw: { statsTimeout: rises(28, 0.5) } }, of('stats', 'timeout', 0.5)],
    ['little of the list', { raw: { list404: rises(28, 0.5) } }, of('list', 'not_found', 0.5)],
    [
      'more of them on one replica',
      { raw: { statsTimeout: rises(30, 4) }, second: { statsTimeout: rises(30, 2) } },
      of('stats', 'timeout', 4),
    ],
    ['no way to the API', { raw: { statsNetwork: rises(28, 3) } }, of('stats', 'network', 3)],
    ['an error of the API', { raw: { stats5xx: rises(28, 3) } }, of('stats', 'server_error', 3)],
    ['no answer of this API', { raw: { statsBadResponse: rises(28, 3) } }, of('stats', 'bad_response', 3)],
    ['a request that the API rejects', { raw: { statsClientError: rises(28, 3) } }, of('stats', 'client_error', 3)],
    ['no list of that environment', { raw: { list404: rises(28, 3) } }, of('list', 'not_found', 3)],
    ['no list of a cloud environment', { raw: { listNotSelfHosted: rises(28, 3) } }, of('list', 'not_self_hosted', 3)],
    ['the list fails for a reason that explains nothing', { raw: { listTimeout: rises(28, 3) } }, null],
    ['for reasons that pages name', { raw: { stats429: rises(28, 3), list401: rises(28, 3) } }, null],
  ],
};

const failing: RuleTable = {
  rule: 'environment_operation:anthropic_work_reads_failing:increase15m',
  until: 0,
  rows: [
    ['twice', { recorded: { statsTwice429: 2, statsUnread: 0 } }, of('stats', 'rate_limited', 2)],
    ['once', { recorded: { statsTwice429: 1.1, statsUnread: 0 } }, null],
    ['neither once nor twice', { recorded: { statsTwice429: 1.5, statsUnread: 0 } }, null],
    ['read again', { recorded: { statsTwice429: 2, listUnread: 0 } }, null],
    ['the list alone', { recorded: { listTwice404: 2, listUnread: 0 } }, of('list', 'not_found', 2)],
  ],
};

const read: RuleTable = {
  rule: 'connection:anthropic_work_environments_read:count',
  about: 'connection',
  until: 0,
  given: { recorded: { info: 1 } },
  rows: [
    ['by its stats', { raw: { statsInterval: 15 } }, 1],
    ['by its list alone', { raw: { listInterval: 15 } }, null],
  ],
};

const undiscovered: RuleTable = {
  rule: 'connection:anthropic_work_undiscovered:info',
  about: 'connection',
  until: 0,
  process: bareConnection({ discovery: 1 }, 'found by one of two replicas', 'b'),
  given: { connection: { discovery: 0 } },
  rows: [
    ['nothing is found', {}, 0],
    ['what was found before is watched', { recorded: { info: 1 } }, null],
    ['found by one of two replicas', {}, null],
  ],
};

const flapping: RuleTable = {
  rule: 'environment:anthropic_work_reads_flapping:info',
  until: 40,
  given: { recorded: { info: 1 } },
  rows: [
    away('away, back and away', [22, 26, 38], 1),
    away('away for the second time after half an hour', [5, 25, 38], null),
    away('away for the first time, and back', [35, 39], null),
    ['the list alone', { raw: { upStats: 0, upList: changesAt(22, 26, 38) }, recorded: { listUnread: 0 } }, null],
    away('back for two minutes', [22, 26, 30, 38], 1),
    away('back for four minutes', [22, 26, 30, 36], null),
    ...(['returnedNotVisible', 'returnedAuthFailing'] as const).flatMap((page) => [
      away(`away for the first time, and back for a while: ${page}`, [25, 32.5], 1, { [page]: 1 }),
      away(`away for the first time, and back for long: ${page}`, [25, 32], null, { [page]: 1 }),
    ]),
    away('another page returned', [25, 32.5], null, { returnedNoWorkers: 1 }),
    ['the list alone, and the page returned', { recorded: { listUnread: 0, returnedNotVisible: 1 } }, null],
    ['steady on the other replica', { raw: { upStats: changesAt(22, 26, 38) }, second: { upStats: 1 } }, null],
  ],
};

const PAGES_OF_CONNECTIONS = ['CredentialRejected', 'ApiUnreachable', 'ApiRateLimited'] as const;
const BACK_FOR_LONG = 'back for long';
const LIST_ALONE = 'the list alone';
const flappingWithConnection: RuleTable = {
  ...flapping,
  about: 'environment with its connection',
  process: [...PAGES_OF_CONNECTIONS, BACK_FOR_LONG, LIST_ALONE, 'NoWorkers'].map((connection) => ({
    name: RECORDED.returned,
    labels: {
      job: JOB,
      connection,
      alertname: `AnthropicWork${/ /.test(connection) ? 'ApiUnreachable' : connection}`,
    },
    line: 1,
  })),
  rows: [
    ...PAGES_OF_CONNECTIONS.map((connection) => away(connection, [25, 32.5], 1)),
    away(BACK_FOR_LONG, [25, 32], null),
    away('NoWorkers', [25, 32.5], null),
    away('no page', [25, 32.5], null),
    [LIST_ALONE, { recorded: { listUnread: 0 } }, null],
  ],
};

const deleted: RuleTable = {
  rule: 'environment:anthropic_work_environment_deleted:info',
  until: 0,
  rows: [
    ['unknown to the API', { recorded: { failing404: 2 } }, of('stats', 'not_found', 2)],
    ['a cloud environment', { recorded: { failingNotSelfHosted: 2 } }, of('stats', 'not_self_hosted', 2)],
    ['known to the list', { recorded: { failing404: 2, listFresh: 30 } }, null],
    ['unknown to the list alone', { recorded: { failingList404: 2 } }, null],
    ['refused', { recorded: { failing401: 2 } }, null],
  ],
};

/** Blind, then not watched by anybody from this minute until the 39th, and never read. */
function awayFrom(minute: number): Inputs {
  return {
    recorded: { info: during(minute, 39, [1, null]) },
    raw: { watchedSince: step(39, during(minute, 39, [0, null]), 39 * 60) },
  };
}

const blindBefore: RuleTable = {
  rule: 'environment:anthropic_work_not_visible:info',
  until: 40,
  given: { raw: { statsInterval: 15 } },
  process: exporter().filter(({ name }) => name === 'anthropic_work_exporter_time_seconds'),
  rows: [
    ['an exporter was restarted within ten minutes', awayFrom(29), 1],
    ['an exporter was restarted within twenty minutes', awayFrom(19), null],
    ['and was read meanwhile', { ...awayFrom(29), recorded: { ...awayFrom(29).recorded, statsAgeOfA: 30 } }, null],
  ],
};

const blind: RuleTable = {
  rule: 'environment:anthropic_work_not_visible:info',
  until: 10,
  given: { recorded: { info: 1 }, raw: { statsInterval: 15 } },
  process: [
    ...exporter().filter(({ name }) => name === 'anthropic_work_exporter_time_seconds'),
    ...exporter({}, { instance: 'b' }).filter(({ name }) => name === 'anthropic_work_exporter_time_seconds'),
    ...exporter({ time: (minute) => minute * 60 - 300 })
      .filter(({ name }) => name === 'anthropic_work_exporter_time_seconds')
      .map((one) => ({ ...one, labels: { ...one.labels, pod: 'before' } })),
  ],
  rows: [
    ['read two minutes ago', { recorded: { statsAgeOfA: 120 } }, null],
    ['read more than two minutes ago', { recorded: { statsAgeOfA: 121 } }, 1],
    ['read by the other replica', { recorded: { statsAgeOfA: 900, statsAgeOfB: 20 } }, null],
    ['read five intervals ago', { recorded: { statsAgeOfA: 300 }, raw: { statsInterval: 60 } }, null],
    ['read six intervals ago', { recorded: { statsAgeOfA: 360 }, raw: { statsInterval: 60 } }, 1],
    [
      'read by the slower of two replicas',
      { recorded: { statsAgeOfA: 240 }, raw: { statsInterval: 60 }, second: { statsInterval: 15 } },
      null,
    ],
    ['new two minutes ago', { raw: { watchedSince: 480 } }, null],
    ['new more than two minutes ago', { raw: { watchedSince: 479 } }, 1],
    ['new for six intervals', { raw: { watchedSince: 510 } }, null],
    ['new to one of two replicas', { raw: { watchedSince: 0 }, second: { watchedSince: 540 } }, 1],
    ['new to one of two replicas, the other way round', { raw: { watchedSince: 540 }, second: { watchedSince: 0 } }, 1],
    ['without a key', { recorded: { statsAgeOfA: 900 }, raw: { statsInterval: null, listInterval: 15 } }, null],
  ],
};

const pageOf = (alert: ShortName) => ({ samples: [[{ alertname: `AnthropicWork${alert}` }, 1]] as const });
const paged: RuleTable = {
  rule: 'connection:anthropic_work_cause_paged:info6m',
  about: 'connection',
  until: 20,
  rows: [
    ['out', { alerts: [['ApiUnreachable', 'critical', 1]] }, pageOf('ApiUnreachable')],
    [
      'over for five minutes',
      { alerts: [['ApiRateLimited', 'critical', step(15, 1, null)]] },
      pageOf('ApiRateLimited'),
    ],
    ['over for eight minutes', { alerts: [['CredentialRejected', 'critical', step(12, 1, null)]] }, null],
    ['a ticket', { alerts: [['CredentialRejected', 'warning', 1]] }, null],
  ],
};

const ALWAYS_LIMITED = { list429: (minute: number) => minute };
const listed: RuleTable = {
  rule: 'AnthropicWorkItemsNotVisible warning',
  until: 45,
  given: { raw: { upList: during(5, 30, [1, 0]) } },
  rows: [
    ['for a while', {}, { fires: [[20, 32]] }],
    ['a read in four minutes succeeds', { raw: { upList: (minute) => (minute % 4 === 0 ? 1 : 0) } }, null],
    ['read by the other replica', { second: { upList: 1 } }, null],
    ['blind altogether', { recorded: { blind: 1 } }, null],
    ['refused', { recorded: { failingList401: 2 } }, null],
    ['forbidden', { recorded: { failingList403: 2 } }, null],
    ['deleted', { recorded: { failingList404: 2 } }, null],
    ['a cloud environment', { recorded: { failingListNotSelfHosted: 2 } }, null],
    ['refused for the stats', { recorded: { failing401: 2 } }, { fires: [[20, 32]] }],
    ['limited, and no ticket says so', { raw: ALWAYS_LIMITED }, { fires: [[20, 32]] }],
  ],
};

/** Tickets about a rate limit are about a whole job, so each needs a table of its own. */
const listedLimited = (severity: 'critical' | 'warning', line: Line, rows: readonly Row[]): RuleTable => ({
  rule: 'AnthropicWorkItemsNotVisible warning',
  until: 45,
  given: { raw: { upList: during(5, 30, [1, 0]) }, alerts: [['ApiRateLimited', severity, line]] },
  rows,
});
const listedTold = [
  listedLimited('warning', 1, [
    ['limited, as a ticket says', { raw: ALWAYS_LIMITED }, null],
    ['others are limited', { raw: { list429: 0 } }, { fires: [[20, 32]] }],
    ['limited in another operation', { raw: { stats429: (minute) => minute } }, { fires: [[20, 32]] }],
    ['refused', { raw: { list401: (minute) => minute } }, { fires: [[20, 32]] }],
    // From minute 18 on nothing excuses it.
    ['limited no longer', { raw: { list429: (minute) => Math.min(minute, 3) } }, { fires: [[28, 32]] }],
  ]),
  listedLimited('critical', 1, [['limited, and a page says so', { raw: ALWAYS_LIMITED }, { fires: [[20, 32]] }]]),
  listedLimited('warning', during(0, 3, [null, 1]), [
    ['limited, and the ticket is over', { raw: ALWAYS_LIMITED }, { fires: [[28, 32]] }],
  ]),
];

const noList: RuleTable = {
  rule: 'AnthropicWorkListNotConfigured info',
  until: 40,
  rows: [
    ['for a while', { raw: { listAttempted: during(5, 30, [1, 0]) } }, { fires: [[20, 30]] }],
    ['on one of two replicas', { raw: { listAttempted: 0 }, second: { listAttempted: 1 } }, null],
  ],
};

const REJECTED: Inputs = { alerts: [['CredentialRejected', 'critical', 1]] };

const notVisible: RuleTable = {
  rule: 'AnthropicWorkEnvironmentNotVisible critical',
  about: 'environment with its connection',
  until: 30,
  given: { recorded: { blind: during(5, 15, [null, 1]) } },
  rows: [
    ['for a while', {}, { fires: [[8, 16]] }],
    ['told by its connection', { recorded: { connectionPaged: 1 } }, null],
    ['told by its connection afterwards', { recorded: { connectionPaged: step(10, null, 1) } }, { fires: [[8, 16]] }],
    ['beside a page about keys', { recorded: { pagedKeys: 1 } }, null],
    [
      'fails otherwise beside a page about keys',
      { recorded: { pagedKeys: 1, failingTimeout: 2 } },
      { fires: [[8, 16]] },
    ],
    ...(['failingNetwork', 'failingBadResponse', 'failingClientError'] as const).map(
      (why): Row => [`${why} beside a page about keys`, { recorded: { pagedKeys: 1, [why]: 2 } }, { fires: [[8, 16]] }],
    ),
    ['forbidden before it failed otherwise', { recorded: { pagedKeys: 1, failingTimeout: 2, statsTwice403: 2 } }, null],
    ['limited beside a page about keys', { recorded: { pagedKeys: 1, failing429: 2 } }, { fires: [[8, 16]] }],
    ['refused before it failed otherwise', { recorded: { pagedKeys: 1, failingTimeout: 2, statsTwice401: 2 } }, null],
    ['fails otherwise in an outage', { recorded: { pagedUnreachable: 1, failingTimeout: 2 } }, null],
    ['refused', { recorded: { failing401: 2 } }, null],
    ['forbidden', { recorded: { failing403: 2 } }, null],
    ['deleted', { recorded: { failing404: 2 } }, null],
    ['a cloud environment', { recorded: { failingNotSelfHosted: 2 } }, null],
    ['refused for the list', { recorded: { failingList401: 2 } }, { fires: [[8, 16]] }],
    ['flaps afterwards', { recorded: { flapping: step(14, null, 1) } }, { fires: [[8, ON]] }],
    ['flaps, and was never blind', { recorded: { blind: null, flapping: 1 } }, null],
    ['knows nothing afterwards', { recorded: { undiscovered: step(14, null, 0) } }, { fires: [[8, ON]] }],
    ['knows nothing, and was never blind', { recorded: { blind: null, undiscovered: 0 } }, null],
  ],
};

/** Fails for another reason than a key, beside a page about keys. */
const outlasted: RuleTable = {
  rule: 'AnthropicWorkEnvironmentNotVisible critical',
  about: 'environment with its connection',
  until: 60,
  given: { recorded: { blind: during(45, 58, [null, 1]), pagedKeys: 1, failingTimeout: 2 } },
  rows: [
    ['refused a while before', { recorded: { statsTwice401: step(30, 2, null) }, ...REJECTED }, null],
    ['forbidden a while before', { recorded: { statsTwice403: step(30, 2, null) }, ...REJECTED }, null],
    ['refused long before', { recorded: { statsTwice401: step(10, 2, null) }, ...REJECTED }, { fires: [[48, 59]] }],
    ['refused for the list', { recorded: { listTwice401: step(30, 2, null) }, ...REJECTED }, { fires: [[48, 59]] }],
    ['limited before', { recorded: { statsTwice429: step(30, 2, null) }, ...REJECTED }, { fires: [[48, 59]] }],
    ...(
      [
        ['the page about keys is over', 'CredentialRejected', 'critical', step(40, 1, null)],
        ['a ticket about keys', 'CredentialRejected', 'warning', 1],
        ['another page', 'DiscoveryFailing', 'critical', 1],
      ] as const
    ).map(
      ([name, alert, severity, line]): Row => [
        `refused a while before, and ${name}`,
        { recorded: { statsTwice401: step(30, 2, null) }, alerts: [[alert, severity, line]] },
        { fires: [[48, 59]] },
      ],
    ),
  ],
};

const refused: RuleTable = {
  rule: 'AnthropicWorkCredentialRejected critical',
  about: 'connection',
  until: 30,
  rows: [
    ['for a while', { recorded: { refused: during(5, 15, [null, 2]) } }, { fires: [[6, 17]] }],
    [
      'flaps afterwards',
      { recorded: { refused: during(5, 15, [null, 2]), flapping: step(14, null, 1) } },
      { fires: [[6, ON]] },
    ],
    ['flaps, and was never refused', { recorded: { flapping: 1 } }, null],
    [
      'knows nothing afterwards',
      { recorded: { refused: during(5, 15, [null, 2]), undiscovered: step(14, null, 0) } },
      { fires: [[6, ON]] },
    ],
    ['knows nothing, and was never refused', { recorded: { undiscovered: 0 } }, null],
  ],
};

const LAST = 'is the last and stays blind';
const ONE_OF_TWO = 'is one of two and stays blind';
const fromMinute = (begins: number, outcome: Outcome): Outcome => ({
  fires: spansOf(outcome).map(([, ends]) => [begins, ends] as const),
});
/** Another environment of a connection is blind for ten minutes, and taken out of the configuration then or not. */
const another = (
  connection: string,
  until: number,
  blind: readonly [from: number, to: number],
  id = 'another',
): readonly Series[] =>
  [
    { name: RECORDED.info, line: step(until, 1, null) },
    { name: RECORDED.blind, line: during(...blind, [null, 1]) },
  ].map((one) => ({
    ...one,
    labels: { job: JOB, connection, environment_id: id, environment_name: 'x' },
  }));
const heldForTheLast = (
  alert: 'CredentialRejected' | 'ApiUnreachable' | 'ApiRateLimited',
  inputs: Inputs,
): RuleTable => ({
  rule: `AnthropicWork${alert} critical`,
  about: 'connection',
  until: 40,
  given: { ...inputs, recorded: { info: 1, read: 2, blind: during(5, 30, [null, 1]), ...inputs.recorded } },
  process: [
    ...another(LAST, 15, [5, 15]),
    ...another(ONE_OF_TWO, ON, [5, 15]),
    ...another('stays blind, and has a page of its own', ON, [5, 15]),
    ...another('stays blind, and its own key has a page', ON, [5, 15]),
    ...another('is the last and forbidden', 15, [5, 15]),
    ...another('is the last and refused', 15, [5, 15]),
    ...another('is the last and a cloud', 15, [5, 15]),
    ...another('is the last and deleted', 15, [5, 15]),
  ],
  rows: [
    [LAST, {}, { fires: [[6, 32]] }],
    [ONE_OF_TWO, {}, { fires: [[6, 32]] }],
    [
      'stays blind, and has a page of its own',
      { alerts: [['EnvironmentNotVisible', 'critical', 1]] },
      { fires: [[6, 17]] },
    ],
    ['stays blind, and its own key has a page', { alerts: [['ApiAuthFailing', 'critical', 1]] }, { fires: [[6, 17]] }],
    ['was never told', { recorded: { refused: null, statsTwice429: null } }, null],
  ],
});
const heldUnseen = (table: RuleTable, begins: number): RuleTable => ({
  ...table,
  rows: [
    ...table.rows.map(([name, inputs, outcome]): Row => [name, inputs, outcome && fromMinute(begins, outcome)]),
    ['is the last and a cloud', { recorded: { failingNotSelfHosted: step(15, null, 2) } }, { fires: [[begins, 17]] }],
    ['is the last and deleted', { recorded: { failing404: step(15, null, 2) } }, { fires: [[begins, 17]] }],
    ['is the last and forbidden', { recorded: { failing403: step(15, null, 2) } }, { fires: [[begins, 17]] }],
    ['is the last and refused', { recorded: { failing401: step(15, null, 2) } }, { fires: [[begins, 17]] }],
  ],
});
const THREE_OF_SEVEN = 'with a third one, of seven';
const ELSEWHERE = 'the API key of another shard is accepted';
/** Each of two environments of a connection cannot be read, as another cannot. */
const KEYS_AND_MORE: readonly Row[] = [
  ['two of them', {}, { fires: [[6, 17]] }],
  ['two of three', { recorded: { read: 3 } }, { fires: [[6, 17]] }],
  [THREE_OF_SEVEN, { recorded: { read: 7 } }, { fires: [[6, 17]] }],
  [
    'a moment after a page about keys',
    { alerts: [['CredentialRejected', 'critical', step(8, 1, null)]] },
    { fires: [[13, 17]] },
  ],
  ['a ticket about keys', { alerts: [['CredentialRejected', 'warning', 1]] }, { fires: [[6, 17]] }],
  ['another page', { alerts: [['DiscoveryFailing', 'critical', 1]] }, { fires: [[6, 17]] }],
  [
    'before a page about keys',
    { alerts: [['CredentialRejected', 'critical', step(10, null, 1)]] },
    { fires: [[6, 17]] },
  ],
  ['beside refused keys', { recorded: { refused: 2 } }, { fires: [[6, 17]] }],
  ['beside refused keys and a page about them', { recorded: { refused: 2 }, ...REJECTED }, { fires: [[6, 17]] }],
  ...(
    [
      'failing429',
      'failingTimeout',
      'failingNetwork',
      'failing5xx',
      'failingBadResponse',
      'failingClientError',
    ] as const
  ).map(
    (why): Row => [`${why} after keys were refused`, { recorded: { [why]: 2 }, ...REJECTED }, { fires: [[6, 17]] }],
  ),
  ['not read yet after keys were refused', REJECTED, null],
  ['its list fails after keys were refused', { recorded: { failingListTimeout: 2 }, ...REJECTED }, null],
  ['refused and then failing', { recorded: { failingTimeout: 2, statsTwice401: 1 }, ...REJECTED }, null],
  ['one of them refused', { recorded: { refused: 2, statsTwice401: 1 } }, null],
  ['one of them forbidden', { recorded: { refused: 2, statsTwice403: 1 } }, null],
  ['one of them refused for the list', { recorded: { refused: 2, listTwice401: 1 } }, { fires: [[6, 17]] }],
  ['one of them deleted', { recorded: { refused: 2, failing404: 2 } }, null],
  ['one of them a cloud', { recorded: { refused: 2, failingNotSelfHosted: 2 } }, null],
  ['half of four', { recorded: { refused: 2, read: 4 } }, null],
  ['the only one that is left', { recorded: { refused: 2, statsTwice401: 1, read: 1 } }, null],
  ['the API key is refused', { recorded: { refused: 2 }, connection: { rejected: 1 } }, null],
  [ELSEWHERE, { recorded: { refused: 2 }, connection: { rejected: 1 } }, { fires: [[6, 17]] }],
  ['the API key is accepted', { recorded: { refused: 2 }, connection: { rejected: 0 } }, { fires: [[6, 17]] }],
];
const unreachableBesideKeys: RuleTable = {
  rule: 'AnthropicWorkApiUnreachable critical',
  about: 'connection',
  until: 30,
  given: { recorded: { info: 1, read: 2, blind: during(5, 15, [null, 1]) } },
  process: [
    ...KEYS_AND_MORE.flatMap(([name]) => another(name, ON, [5, 15])),
    ...another(THREE_OF_SEVEN, ON, [5, 15], 'third'),
    ...bareConnection({ rejected: 0 }, ELSEWHERE, 'b'),
  ],
  rows: KEYS_AND_MORE,
};
const unreachableAfterwards = heldUnseen(heldForTheLast('ApiUnreachable', {}), 6);
const limitedAfterwards = heldUnseen(
  heldForTheLast('ApiRateLimited', { recorded: { statsTwice429: step(15, 4, 0) } }),
  5.5,
);
const refusedAfterwards = heldForTheLast('CredentialRejected', {
  recorded: { refused: during(5, 15, [null, 2]), failing401: 2 },
});
const refusedNoMore = {
  ...refusedAfterwards,
  rows: [
    ['is the last and no longer refused', { recorded: { failing401: during(5, 15, [null, 2]) } }, { fires: [[6, 17]] }],
    ['is the last and forbidden', { recorded: { failing401: null, failing403: 2 } }, { fires: [[6, 32]] }],
  ],
} satisfies RuleTable;

const rateLimited: RuleTable = {
  rule: 'AnthropicWorkApiRateLimited critical',
  about: 'connection',
  until: 30,
  given: { recorded: { info: 1, blind: during(5, 15, [null, 1]), statsTwice429: 4 } },
  rows: [
    ['for a while', {}, { fires: [[5.5, 17]] }],
    ['half of the failures', { recorded: { statsTwiceTimeout: 4 } }, { fires: [[5.5, 17]] }],
    ['less than half of the failures', { recorded: { statsTwice429: 3, statsTwiceTimeout: 5 } }, null],
    [
      'less than half of failures of three kinds',
      { recorded: { statsTwice429: 3, statsTwiceTimeout: 2, statsTwice5xx: 2 } },
      null,
    ],
    ['once', { recorded: { statsTwice429: 1 } }, null],
    ['twice', { recorded: { statsTwice429: 2 } }, { fires: [[5.5, 17]] }],
    ['for a reason of its own', { recorded: { failingTimeout: 2 } }, null],
    ['once for each kind of read', { recorded: { statsTwice429: 1, listTwice429: 1 } }, { fires: [[5.5, 17]] }],
    [
      'half of the failures of stats, with those of the list',
      { recorded: { ...{ statsTwice429: 1, listTwice429: 2 }, statsTwiceTimeout: 5 } },
      { fires: [[5.5, 17]] },
    ],
    ['by 429s alone', { recorded: { failing429: 2 } }, { fires: [[5.5, 17]] }],
    ['flaps afterwards', { recorded: { flapping: step(14, null, 1) } }, { fires: [[5.5, ON]] }],
    ['fails otherwise afterwards', { recorded: { statsTwice429: step(10, 4, 0) } }, { fires: [[5.5, 17]] }],
    [
      'refused afterwards',
      { recorded: { statsTwice429: step(10, 4, 0), failing401: step(10, null, 2) } },
      { fires: [[5.5, 12]] },
    ],
    ['after another page about the connection', { alerts: [['ApiUnreachable', 'critical', 1]] }, null],
    ['after a page about its environment', { alerts: [['EnvironmentNotVisible', 'critical', 1]] }, null],
    [
      'with a page about its environment that came a moment before',
      { alerts: [['EnvironmentNotVisible', 'critical', step(2.5, null, 1)]] },
      { fires: [[5.5, 17]] },
    ],
    ['flaps, and was never limited', { recorded: { blind: null, flapping: 1 } }, null],
    [
      'flaps beside a ticket',
      { recorded: { blind: null, flapping: 1 }, alerts: [['ApiRateLimited', 'warning', 1]] },
      null,
    ],
    ['knows nothing afterwards', { recorded: { undiscovered: step(14, null, 0) } }, { fires: [[5.5, ON]] }],
    ['knows nothing, and was never limited', { recorded: { blind: null, undiscovered: 0 } }, null],
  ],
};

/** Nothing is asked before this minute, and the time of the exporter is ten hours later than that of Prometheus. */
const backoff = (operation: 'stats' | 'list', until: number, shown = 36_000) => ({
  [`${operation}Backoff`]: shown + until * 60,
});
const heldBack = (...args: Parameters<typeof backoff>) => ({ raw: backoff(...args) });
const paused: RuleTable = {
  rule: 'AnthropicWorkApiRateLimited critical',
  about: 'connection',
  until: 30,
  given: { recorded: { info: 1, blind: during(5, 15, [null, 1]) } },
  process: [
    ...exporter({ time: (minute) => 36_000 + minute * 60 }),
    ...exporter({ time: (minute) => minute * 60 }, { instance: 'b' }),
    ...exporter({ time: 35_000 }).map((one) => ({ ...one, labels: { ...one.labels, pod: 'before' } })),
  ].filter(({ name }) => name === 'anthropic_work_exporter_time_seconds'),
  rows: [
    ['waits, and nothing failed', heldBack('stats', 40), { fires: [[5.5, 17]] }],
    ['waits with its list', heldBack('list', 40), { fires: [[5.5, 17]] }],
    ['waited until a minute ago', heldBack('stats', 4), null],
    ['waits for another minute', heldBack('stats', 6), { fires: [[5.5, 17]] }],
    ['waits no more', { raw: { statsBackoff: (minute) => 36_000 + minute * 60 } }, null],
    ['waits by the clock of another replica', { second: backoff('stats', 40, 0) }, { fires: [[5.5, 17]] }],
    ['held back after a failure', { ...heldBack('stats', 40), recorded: { statsUnread: 0 } }, null],
    ['held back after a failure of its list', { ...heldBack('list', 40), recorded: { listUnread: 0 } }, null],
    [
      'held back after a failure of the other',
      { ...heldBack('stats', 40), recorded: { listUnread: 0 } },
      { fires: [[5.5, 17]] },
    ],
    [
      'waits with its list after a 429 of the stats',
      { raw: backoff('list', 40), recorded: { statsUnread: 0, statsTwice429: 1 } },
      { fires: [[5.5, 17]] },
    ],
    ['waits with its list while its stats fail', { ...heldBack('list', 40), recorded: { statsUnread: 0 } }, null],
    ['waits, and fails for a reason of its own', { ...heldBack('stats', 40), recorded: { failingTimeout: 2 } }, null],
    ['waits, and is read', { ...heldBack('stats', 40), recorded: { blind: null } }, null],
  ],
};

export const VISIBILITY_TABLES = [
  unreachableBesideKeys,
  unreachableAfterwards,
  limitedAfterwards,
  refusedAfterwards,
  refusedNoMore,
  paused,
  failures,
  otherFailures,
  failing,
  read,
  undiscovered,
  flapping,
  flappingWithConnection,
  deleted,
  blind,
  blindBefore,
  paged,
  listed,
  ...listedTold,
  noList,
  notVisible,
  outlasted,
  refused,
  rateLimited,
];
