import { RECORDED } from '../../../src/rules/parts/recorded.ts';
import { during, type Line, step } from '../support/lines.ts';
import type { ShortName } from '../support/rule-case.ts';
import type { Inputs, Row, RuleTable } from '../support/rule-table.ts';
import { bareConnection, exporter, JOB } from '../support/series.ts';

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

const namedFailures: RuleTable = {
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

const readsFailing: RuleTable = {
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

const environmentsRead: RuleTable = {
  rule: 'connection:anthropic_work_environments_read:count',
  about: 'connection',
  until: 0,
  given: { recorded: { environmentInfo: 1 } },
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
    ['what was found before is watched', { recorded: { environmentInfo: 1 } }, null],
    ['found by one of two replicas', {}, null],
  ],
};

const readsFlapping: RuleTable = {
  rule: 'environment:anthropic_work_reads_flapping:info',
  until: 40,
  given: { recorded: { environmentInfo: 1 } },
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
const PAUSED = 'unread in a pause, without a failure of its own';
const PAUSED_BEFORE = 'unread in a pause that is long over';
const flappingWithConnection: RuleTable = {
  ...readsFlapping,
  about: 'environment with its connection',
  process: [...PAGES_OF_CONNECTIONS, BACK_FOR_LONG, LIST_ALONE, PAUSED, PAUSED_BEFORE, 'NoWorkers'].map(
    (connection) => ({
      name: RECORDED.pageReturned,
      labels: {
        job: JOB,
        connection,
        alertname: `AnthropicWork${/ /.test(connection) ? 'ApiUnreachable' : connection}`,
      },
      line: 1,
    }),
  ),
  rows: [
    ...PAGES_OF_CONNECTIONS.map((connection) => away(connection, [25, 32.5], 1)),
    away(BACK_FOR_LONG, [25, 32], null),
    away('NoWorkers', [25, 32.5], null),
    away('no page', [25, 32.5], null),
    [LIST_ALONE, { recorded: { listUnread: 0 } }, null],
    [PAUSED, { recorded: { notVisible: during(25, 32.5, [null, 1]) } }, 1],
    [PAUSED_BEFORE, { recorded: { notVisible: during(25, 32, [null, 1]) } }, null],
    ['unread in a pause, and no page', { recorded: { notVisible: 1 } }, null],
  ],
};

const environmentDeleted: RuleTable = {
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
    recorded: { environmentInfo: during(minute, 39, [1, null]) },
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

const notVisible: RuleTable = {
  rule: 'environment:anthropic_work_not_visible:info',
  until: 10,
  given: { recorded: { environmentInfo: 1 }, raw: { statsInterval: 15 } },
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

/** Long unread, and the last read failed. */
const UNREAD = { statsAgeOfA: 121, statsUnread: 0 } as const;
const perhaps: RuleTable = {
  rule: 'environment:anthropic_work_not_visible:perhaps',
  until: 0,
  given: { recorded: { environmentInfo: 1 } },
  rows: [
    ['read more than two minutes ago, and then in vain', { recorded: UNREAD }, 1],
    ['read two minutes ago', { recorded: { ...UNREAD, statsAgeOfA: 120 } }, null],
    ['never read, and in vain', { recorded: { statsUnread: 0 } }, 1],
    ['read so seldom, and each time', { recorded: { statsAgeOfA: 600 } }, null],
    ['the list in vain', { recorded: { statsAgeOfA: 600, listUnread: 0 } }, null],
    ['read by the other replica', { recorded: { ...UNREAD, statsAgeOfB: 20 } }, null],
    ['refused', { recorded: { ...UNREAD, failing401: 2 } }, 1],
    ['deleted', { recorded: { ...UNREAD, failing404: 2 } }, null],
    ['a cloud environment', { recorded: { ...UNREAD, failingNotSelfHosted: 2 } }, null],
    ['its list is gone', { recorded: { ...UNREAD, failingList404: 2 } }, 1],
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

/** Which environments cannot be read, and which pages say so. */
export const READ_TABLES: readonly RuleTable[] = [
  namedFailures,
  otherFailures,
  readsFailing,
  environmentsRead,
  undiscovered,
  readsFlapping,
  flappingWithConnection,
  environmentDeleted,
  notVisible,
  blindBefore,
  perhaps,
  paged,
];
