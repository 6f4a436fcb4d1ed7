import { during, step } from '../support/lines.ts';
import type { Row, RuleTable } from '../support/rule-table.ts';
import { bareConnection, exporter } from '../support/series.ts';
import { ON } from '../support/table-parts.ts';

const FORTNIGHT = 14 * 86_400;

const authFailing: RuleTable = {
  rule: 'AnthropicWorkApiAuthFailing critical',
  about: 'environment with its connection',
  until: 30,
  given: { recorded: { environmentInfo: 1 } },
  rows: [
    [
      'the stats, for a while',
      { recorded: { notVisible: during(5, 15, [null, 1]), failing401: 2 } },
      { fires: [[6.5, 18]] },
    ],
    ['forbidden', { recorded: { notVisible: during(5, 15, [null, 1]), failing403: 2 } }, { fires: [[6.5, 18]] }],
    [
      'an exporter that then knows nothing',
      { recorded: { notVisible: during(5, 15, [null, 1]), failing403: 2, undiscovered: during(14, 25, [null, 0]) } },
      { fires: [[6.5, 28]] },
    ],
    [
      'told by its connection afterwards',
      { recorded: { notVisible: during(5, 15, [null, 1]), failing403: 2, connectionPaged: step(10, null, 1) } },
      { fires: [[6.5, 18]] },
    ],
    [
      'flaps afterwards',
      { recorded: { notVisible: during(5, 15, [null, 1]), failing403: 2, readsFlapping: during(14, 25, [null, 1]) } },
      { fires: [[6.5, 28]] },
    ],
    ['flaps, and was never refused', { recorded: { readsFlapping: 1 } }, null],
    ['an exporter that knows nothing', { recorded: { undiscovered: 0 } }, null],
    ['told by its connection', { recorded: { notVisible: 1, failing403: 2, connectionPaged: 1 } }, null],
    [
      'the only one of its connection, whose page has ended',
      { recorded: { notVisible: 1, failing403: 2, connectionPaged: 1, environmentsRead: 1 } },
      { fires: [[1.5, ON]] },
    ],
    ...(['ApiRateLimited', 'ApiUnreachable'] as const).map(
      (page): Row => [
        `the only one of its connection, whose ${page} ends`,
        {
          recorded: { notVisible: 1, failing403: 2, connectionPaged: 1, environmentsRead: 1 },
          alerts: [[page, 'critical', step(15, 1, null)]],
        },
        { fires: [[16.5, ON]] },
      ],
    ),
    [
      'one of two of a connection, whose page has ended',
      { recorded: { notVisible: 1, failing403: 2, connectionPaged: 1, environmentsRead: 2 } },
      null,
    ],
    ['blind for another reason', { recorded: { notVisible: 1, failingTimeout: 2 } }, null],
    [
      'the list, while work waits and nobody polls',
      { recorded: { failingList401: 2, unpolled: 200, nobodyPolls: 0 } },
      { fires: [[1.5, ON]] },
    ],
    [
      'forbidden for the list, while work waits',
      { recorded: { failingList403: 2, unpolled: 200, nobodyPolls: 0 } },
      { fires: [[1.5, ON]] },
    ],
    ['the list, while one polls or nothing waits', { recorded: { failingList401: 2, nobodyPolls: 0 } }, null],
    ['the list is gone', { recorded: { failingList404: 2, unpolled: 200, nobodyPolls: 0 } }, null],
    [
      'nobody knows who polls',
      { recorded: { failingList401: 2, unpolled: 400, late: 400, headStands: 0 } },
      { fires: [[1.5, ON]] },
    ],
    ['nobody knows who polls, not yet late', { recorded: { failingList401: 2, unpolled: 200, headStands: 0 } }, null],
    ['nobody knows who polls, and the head moves', { recorded: { failingList401: 2, unpolled: 400, late: 400 } }, null],
    ['one polls, and the head stands', { recorded: { failingList401: 2, late: 400, headStands: 0 } }, null],
  ],
};

const misconfigured = (['404', 'NotSelfHosted'] as const).map(
  (key, index): RuleTable => ({
    rule: `AnthropicWorkEnvironmentMisconfigured warning ${['not_found', 'not_self_hosted'][index]}`,
    about: 'environment with its connection',
    until: 30,
    given: { recorded: { environmentInfo: 1 } },
    rows: [
      ['by its stats', { recorded: { [`failing${key}`]: during(5, 15, [null, 2]) } }, { fires: [[10, 17]] }],
      ['by its list', { recorded: { [`failingList${key}`]: during(5, 15, [null, 2]) } }, { fires: [[10, 17]] }],
      ['refused', { recorded: { failing401: 2 } }, null],
      [
        'told by its connection',
        { recorded: { [`failing${key}`]: 2, connectionPaged: step(15, null, 1) } },
        { fires: [[5, key === '404' ? 17 : ON]] },
      ],
    ],
  }),
);

const noKey: RuleTable = {
  rule: 'AnthropicWorkEnvironmentMisconfigured warning no_key',
  about: 'environment with its connection',
  until: 30,
  given: { recorded: { environmentInfo: during(5, 15, [null, 1]) } },
  rows: [
    ['for a while', {}, { fires: [[10, 17]] }],
    ['read by its list', { raw: { listInterval: 30 } }, null],
  ],
};

const rejected: RuleTable = {
  rule: 'AnthropicWorkCredentialRejected warning',
  about: 'connection',
  labels: { credential: 'api_key' },
  until: 40,
  process: bareConnection({ rejected: 0 }, 'by one of two replicas', 'b'),
  given: { connection: { rejected: 1 } },
  rows: [
    ['by one of two replicas', {}, { fires: [[6, ON]] }],
    ['told by a page twelve minutes ago', { alerts: [['ApiAuthFailing', 'critical', during(0, 28, [null, 1])]] }, null],
    ...(['ApiAuthFailing', 'DiscoveryFailing'] as const).map(
      (page): Row => [
        `told by ${page}, which ended`,
        { alerts: [[page, 'critical', step(12, 1, null)]] },
        { fires: [[33, ON]] },
      ],
    ),
    ['told by a ticket', { alerts: [['DiscoveryFailing', 'warning', 1]] }, { fires: [[6, ON]] }],
  ],
};

const ownKey: RuleTable = {
  rule: 'AnthropicWorkCredentialRejected warning',
  about: 'connection',
  labels: { credential: 'e' },
  until: 40,
  process: ['by itself', 'told by the page about its environment', 'beside a page about another environment']
    .flatMap((connection) => bareConnection({ rejected: 1 }, connection))
    .map((one) => ({ ...one, labels: { ...one.labels, credential: 'e' } })),
  rows: [
    ['by itself', {}, { fires: [[6, ON]] }],
    [
      'told by the page about its environment',
      { alerts: [['ApiAuthFailing', 'critical', step(12, 1, null), { environment_id: 'e' }]] },
      { fires: [[33, ON]] },
    ],
    ['beside a page about another environment', { alerts: [['ApiAuthFailing', 'critical', 1]] }, { fires: [[6, ON]] }],
  ],
};

const UNREAD_PAGES = [
  'CredentialRejected',
  'ApiUnreachable',
  'ApiRateLimited',
  'ApiAuthFailing',
  'EnvironmentNotVisible',
] as const;

const toldByPage = (again: number): readonly Row[] =>
  UNREAD_PAGES.map((page) => [
    `told by ${page}, which ends`,
    { alerts: [[page, 'critical', step(25, 1, null)]] },
    { fires: [[again, ON]] },
  ]);

const undiscovered: RuleTable = {
  rule: 'AnthropicWorkDiscoveryFailing critical',
  about: 'connection',
  until: 60,
  given: { recorded: { undiscovered: 0 } },
  rows: [
    ['nothing is found', {}, { fires: [[5, ON]] }],
    ['found again', { recorded: { undiscovered: step(15, 0, null) } }, { fires: [[5, 17]] }],
    ['found now and then', { connection: { discovery: (minute) => (minute % 4 === 0 ? 1 : 0) } }, null],
    ['not known at first', { recorded: { undiscovered: step(20, null, 0) } }, { fires: [[25, ON]] }],
    [
      'not known at first, beside other alerts',
      {
        recorded: { undiscovered: step(20, null, 0) },
        alerts: [
          ['DiscoveryFailing', 'warning', 1],
          ['NoWorkers', 'critical', 1],
        ],
      },
      { fires: [[25, ON]] },
    ],
    ['found a moment ago', { connection: { discovery: step(20, 1, 0) } }, { fires: [[25, ON]] }],
    ...toldByPage(32),
    ['beside a ticket', { alerts: [['ApiRateLimited', 'warning', 1]] }, { fires: [[5, ON]] }],
  ],
};

const discoveryFails: RuleTable = {
  rule: 'AnthropicWorkDiscoveryFailing warning',
  about: 'connection',
  until: 60,
  process: bareConnection({ discovery: 1 }, 'found by one of two replicas', 'b'),
  given: { connection: { discovery: 0 } },
  rows: [
    ['nothing is found', {}, { fires: [[15, ON]] }],
    ['found by one of two replicas', {}, null],
    ['nothing is watched, which is a page', { recorded: { undiscovered: 0 } }, null],
    ...toldByPage(46),
    [
      'told by the page about it',
      { alerts: [['DiscoveryFailing', 'critical', step(25, 1, null)]] },
      { fires: [[46, ON]] },
    ],
    ['beside a ticket', { alerts: [['ApiRateLimited', 'warning', 1]] }, { fires: [[15, ON]] }],
  ],
};

const nothingFound: RuleTable = {
  rule: 'AnthropicWorkDiscoveryFailing warning nothing_found',
  about: 'connection',
  until: 60,
  process: bareConnection({ discovery: 1 }, 'by one of two replicas', 'b'),
  given: { connection: { discovery: 1 }, recorded: { environmentsRead: step(5, 2, null) } },
  rows: [
    ['what was watched is gone', {}, { fires: [[15, ON]] }],
    ['it is watched', { recorded: { environmentInfo: 1 } }, null],
    ['it is watched again', { recorded: { environmentInfo: step(30, null, 1) } }, { fires: [[15, 30]] }],
    ['nothing was ever watched', { recorded: { environmentsRead: null } }, null],
    ['discovery fails', { connection: { discovery: 0 } }, null],
    ['by one of two replicas', { connection: { discovery: 0 } }, { fires: [[15, ON]] }],
  ],
};

const nothingFoundForDays: RuleTable = {
  ...nothingFound,
  until: 1500,
  every: 5,
  rows: [['somebody had a day to look', {}, { fires: [[15, 1445]] }]],
};

const expiring: RuleTable = {
  rule: 'AnthropicWorkCredentialExpiring warning',
  about: 'connection',
  labels: { credential: 'api_key' },
  until: 40,
  process: [
    ...exporter(),
    ...exporter({ time: (minute) => minute * 60 + 86_400 }, { instance: 'b' }),
    ...exporter({ time: (minute) => minute * 60 - 86_400 }).map((one) => ({
      ...one,
      labels: { ...one.labels, pod: 'before' },
    })),
    ...bareConnection({ expiry: FORTNIGHT + 4e6 }, 'according to one of two replicas', 'b'),
  ].filter(({ name }) => /exporter_time|expiry/.test(name)),
  rows: [
    ['from a moment on', { connection: { expiry: FORTNIGHT + 600 } }, { fires: [[25.5, ON]] }],
    ['in three weeks', { connection: { expiry: 1.5 * FORTNIGHT } }, null],
    ['according to one of two replicas', { connection: { expiry: FORTNIGHT } }, { fires: [[15.5, ON]] }],
  ],
};

const coverage = (['truncated', 'ageUnknown'] as const).map(
  (key, index): RuleTable => ({
    rule: `AnthropicWorkCoverageReduced warning ${['items', 'ages'][index]}`,
    until: 40,
    rows: [
      ['for a while', { raw: { [key]: during(5, 30, [0, 1]) } }, { fires: [[20, 30]] }],
      ['on one of two replicas', { raw: { [key]: 1 }, second: { [key]: 0 } }, { fires: [[15, ON]] }],
    ],
  }),
);

const listTells: RuleTable = {
  rule: 'AnthropicWorkCoverageReduced warning ages',
  until: 40,
  given: { raw: { ageUnknown: 1 } },
  rows: [
    ['the list tells', { recorded: { listedAge: 100 } }, null],
    ['the list told until a moment ago', { recorded: { listedAge: step(2, 100, null) } }, { fires: [[22, ON]] }],
  ],
};

/** By the list, something waits since the given minute. */
const waitsSince = (minute: number) => ({ itemsQueued: 1, sinceQueued: minute * 60 });
const RECENT = { itemsQueued: 1, sinceQueued: (minute: number) => minute * 60 - 200 };
const disagree: RuleTable = {
  rule: 'AnthropicWorkCoverageReduced warning waits',
  until: 40,
  given: {
    raw: waitsSince(0),
    recorded: { listReadAtA: (minute) => minute * 60, listFresh: 1, strictAgeThreshold: 300 },
  },
  rows: [
    ['the list shows a long wait', {}, { fires: [[20.5, ON]] }],
    ['the list shows a wait that is not yet long', { raw: waitsSince(20) }, { fires: [[40.5, ON]] }],
    ['the list shows waits that are new', { raw: RECENT }, null],
    [
      'the list of another replica shows a short wait',
      { second: RECENT, recorded: { listReadAtB: (minute) => minute * 60 } },
      { fires: [[20.5, ON]] },
    ],
    ['the list showed a short wait before its target changed', { before: RECENT }, { fires: [[20.5, ON]] }],
    [
      'the list of another replica alone shows a wait, which is short',
      { raw: { itemsQueued: 0 }, second: RECENT, recorded: { listReadAtB: (minute) => minute * 60 } },
      null,
    ],
    ['the list shows nothing that waits', { raw: { itemsQueued: 0 } }, null],
    ['the list is old', { recorded: { listFresh: null } }, null],
    ['the statistics know of half of it', { recorded: { overdue: 151 } }, null],
    ['no wait is too long', { recorded: { strictAgeThreshold: Number.POSITIVE_INFINITY } }, null],
  ],
};

export const CREDENTIAL_TABLES = [
  disagree,
  authFailing,
  ...misconfigured,
  noKey,
  rejected,
  ownKey,
  undiscovered,
  discoveryFails,
  nothingFound,
  nothingFoundForDays,
  expiring,
  ...coverage,
  listTells,
];
