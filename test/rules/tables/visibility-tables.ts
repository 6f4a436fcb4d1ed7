import { during, type Line, step } from '../support/lines.ts';
import type { Row, RuleTable } from '../support/rule-table.ts';
import { ON } from '../support/table-parts.ts';

import { REJECTED } from './connection-tables.ts';

const ALWAYS_LIMITED = { list429: (minute: number) => minute };
const listed: RuleTable = {
  rule: 'AnthropicWorkItemsNotVisible warning',
  until: 45,
  given: { raw: { upList: during(5, 30, [1, 0]) } },
  rows: [
    ['for a while', {}, { fires: [[20, 32]] }],
    ['a read in four minutes succeeds', { raw: { upList: (minute) => (minute % 4 === 0 ? 1 : 0) } }, null],
    ['read by the other replica', { second: { upList: 1 } }, null],
    ['blind altogether', { recorded: { notVisible: 1 } }, null],
    ['refused', { recorded: { failingList401: 2 } }, null],
    ['forbidden', { recorded: { failingList403: 2 } }, null],
    ['deleted', { recorded: { failingList404: 2 } }, null],
    ['a cloud environment', { recorded: { failingListNotSelfHosted: 2 } }, null],
    ['refused for the stats', { recorded: { failing401: 2 } }, { fires: [[20, 32]] }],
    ['limited, and no ticket says so', { raw: ALWAYS_LIMITED }, { fires: [[20, 32]] }],
  ],
};

/** Tickets about a rate limit are about a connection, here that of the whole table. */
const listedLimited = (severity: 'critical' | 'warning', line: Line, rows: readonly Row[]): RuleTable => ({
  rule: 'AnthropicWorkItemsNotVisible warning',
  until: 45,
  given: {
    raw: { upList: during(5, 30, [1, 0]) },
    recorded: { environmentInfo: 1 },
    alerts: [['ApiRateLimited', severity, line]],
  },
  rows,
});
const listedTold = [
  listedLimited('warning', 1, [
    ['limited, as a ticket says', { raw: ALWAYS_LIMITED }, null],
    ['others are limited', { raw: { list429: 0 } }, { fires: [[20, 32]] }],
    ['limited, and not known', { raw: ALWAYS_LIMITED, recorded: { environmentInfo: null } }, { fires: [[20, 32]] }],
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

const notVisible: RuleTable = {
  rule: 'AnthropicWorkEnvironmentNotVisible critical',
  about: 'environment with its connection',
  until: 30,
  given: { recorded: { notVisible: during(5, 15, [null, 1]) } },
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
    ['flaps afterwards', { recorded: { readsFlapping: step(14, null, 1) } }, { fires: [[8, ON]] }],
    ['flaps, and was never blind', { recorded: { notVisible: null, readsFlapping: 1 } }, null],
    ['knows nothing afterwards', { recorded: { undiscovered: step(14, null, 0) } }, { fires: [[8, ON]] }],
    ['knows nothing, and was never blind', { recorded: { notVisible: null, undiscovered: 0 } }, null],
  ],
};

/** Fails for another reason than a key, beside a page about keys. */
const outlasted: RuleTable = {
  rule: 'AnthropicWorkEnvironmentNotVisible critical',
  about: 'environment with its connection',
  until: 60,
  given: { recorded: { notVisible: during(45, 58, [null, 1]), pagedKeys: 1, failingTimeout: 2 } },
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

/** Alerts about single environments whose stats or lists cannot be read. */
export const VISIBILITY_TABLES: readonly RuleTable[] = [listed, ...listedTold, noList, notVisible, outlasted];
