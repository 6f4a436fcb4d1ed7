import { RECORDED } from '../../../src/rules/parts/recorded.ts';
import { during, step } from '../support/lines.ts';
import { type Inputs, type Outcome, type Row, type RuleTable, spansOf } from '../support/rule-table.ts';
import { bareConnection, exporter, JOB, type Series } from '../support/series.ts';
import { ON } from '../support/table-parts.ts';

/** A page about keys fires. */
export const REJECTED: Inputs = { alerts: [['CredentialRejected', 'critical', 1]] };

const environmentsRefused: RuleTable = {
  rule: 'AnthropicWorkCredentialRejected critical',
  about: 'connection',
  until: 30,
  rows: [
    ['for a while', { recorded: { environmentsRefused: during(5, 15, [null, 2]) } }, { fires: [[6, 17]] }],
    [
      'flaps afterwards',
      { recorded: { environmentsRefused: during(5, 15, [null, 2]), readsFlapping: step(14, null, 1) } },
      { fires: [[6, ON]] },
    ],
    ['flaps, and was never refused', { recorded: { readsFlapping: 1 } }, null],
    [
      'knows nothing afterwards',
      { recorded: { environmentsRefused: during(5, 15, [null, 2]), undiscovered: step(14, null, 0) } },
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
    { name: RECORDED.environmentInfo, line: step(until, 1, null) },
    { name: RECORDED.notVisible, line: during(...blind, [null, 1]) },
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
  given: {
    ...inputs,
    recorded: { environmentInfo: 1, environmentsRead: 2, notVisible: during(5, 30, [null, 1]), ...inputs.recorded },
  },
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
    ['was never told', { recorded: { environmentsRefused: null, statsTwice429: null } }, null],
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
  ['two of three', { recorded: { environmentsRead: 3 } }, { fires: [[6, 17]] }],
  [THREE_OF_SEVEN, { recorded: { environmentsRead: 7 } }, { fires: [[6, 17]] }],
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
  ['beside refused keys', { recorded: { environmentsRefused: 2 } }, { fires: [[6, 17]] }],
  [
    'beside refused keys and a page about them',
    { recorded: { environmentsRefused: 2 }, ...REJECTED },
    { fires: [[6, 17]] },
  ],
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
  ['one of them refused', { recorded: { environmentsRefused: 2, statsTwice401: 1 } }, null],
  ['one of them forbidden', { recorded: { environmentsRefused: 2, statsTwice403: 1 } }, null],
  ['one of them refused for the list', { recorded: { environmentsRefused: 2, listTwice401: 1 } }, { fires: [[6, 17]] }],
  ['one of them deleted', { recorded: { environmentsRefused: 2, failing404: 2 } }, null],
  ['one of them a cloud', { recorded: { environmentsRefused: 2, failingNotSelfHosted: 2 } }, null],
  ['half of four', { recorded: { environmentsRefused: 2, environmentsRead: 4 } }, null],
  ['the only one that is left', { recorded: { environmentsRefused: 2, statsTwice401: 1, environmentsRead: 1 } }, null],
  ['the API key is refused', { recorded: { environmentsRefused: 2 }, connection: { rejected: 1 } }, null],
  [ELSEWHERE, { recorded: { environmentsRefused: 2 }, connection: { rejected: 1 } }, { fires: [[6, 17]] }],
  [
    'the API key is accepted',
    { recorded: { environmentsRefused: 2 }, connection: { rejected: 0 } },
    { fires: [[6, 17]] },
  ],
];
const unreachableBesideKeys: RuleTable = {
  rule: 'AnthropicWorkApiUnreachable critical',
  about: 'connection',
  until: 30,
  given: { recorded: { environmentInfo: 1, environmentsRead: 2, notVisible: during(5, 15, [null, 1]) } },
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
  recorded: { environmentsRefused: during(5, 15, [null, 2]), failing401: 2 },
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
  given: { recorded: { environmentInfo: 1, notVisible: during(5, 15, [null, 1]), statsTwice429: 4 } },
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
    ['flaps afterwards', { recorded: { readsFlapping: step(14, null, 1) } }, { fires: [[5.5, ON]] }],
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
    ['flaps, and was never limited', { recorded: { notVisible: null, readsFlapping: 1 } }, null],
    [
      'flaps beside a ticket',
      { recorded: { notVisible: null, readsFlapping: 1 }, alerts: [['ApiRateLimited', 'warning', 1]] },
      null,
    ],
    ['knows nothing afterwards', { recorded: { undiscovered: step(14, null, 0) } }, { fires: [[5.5, ON]] }],
    ['knows nothing, and was never limited', { recorded: { notVisible: null, undiscovered: 0 } }, null],
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
  given: { recorded: { environmentInfo: 1, notVisible: during(5, 15, [null, 1]) } },
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
    ['waits, and is read', { ...heldBack('stats', 40), recorded: { notVisible: null } }, null],
  ],
};

/** Alerts about connections: keys that are refused, no answers, and limits. */
export const CONNECTION_TABLES: readonly RuleTable[] = [
  unreachableBesideKeys,
  unreachableAfterwards,
  limitedAfterwards,
  refusedAfterwards,
  refusedNoMore,
  paused,
  environmentsRefused,
  rateLimited,
];
