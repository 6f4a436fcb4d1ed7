import { during, type Line, step } from '../support/lines.ts';
import {
  alone,
  crossed,
  edges,
  fires,
  fleet,
  lostScrapes,
  type RuleCase,
  replicas,
  whenGone,
} from '../support/rule-case.ts';
import { type EnvironmentLines, environment, exporter } from '../support/series.ts';

/** One failure per half minute from minute 20 on. */
const FAILURES: Line = (minute) => Math.max(0, minute - 19.5) * 2;
const failures =
  (count: number): Line =>
  (minute) =>
    Math.min(count, Math.max(0, minute - 19.5) * 2);
const with_ = { connection: 'default' };
const authCritical = fires('ApiAuthFailing', 'critical', { with: with_ });
const authWarning = fires('ApiAuthFailing', 'warning', { with: with_ });
const notVisible = fires('EnvironmentNotVisible', 'critical', { with: with_ });
const itemsNotVisible = fires('ItemsNotVisible', 'warning');
const misconfigured = fires('EnvironmentMisconfigured', 'warning', { with: with_ });
const REFUSED: EnvironmentLines = {
  upStats: during(20, 40, [1, 0]),
  lastStats: (minute) => (minute < 40 ? Math.min(minute, 20) * 60 : minute * 60),
};
const LIST_REFUSED: EnvironmentLines = { upList: during(20, 33, [1, 0]), list403: FAILURES };

const stats: readonly RuleCase[] = [
  {
    name: 'ApiAuthFailing: 401 to every stats read',
    about: [],
    whole: true,
    series: alone({ ...REFUSED, stats401: FAILURES }),
    checks: edges([authCritical, notVisible], { on: 24.5, off: 40, keep: 5 }),
  },
  {
    name: 'ApiAuthFailing: 403 to every stats read',
    about: [],
    series: alone({ ...REFUSED, stats403: FAILURES }),
    checks: [[24], [24.5, authCritical, notVisible]],
  },
  {
    name: 'ApiAuthFailing: a single 401 while a key is rotated, then an outage',
    about: ['ApiAuthFailing'],
    series: alone({ ...REFUSED, stats401: failures(1), statsTimeout: FAILURES }),
    checks: [[30, notVisible]],
  },
  {
    name: 'ApiAuthFailing: two refusals in 15 minutes, then other failures',
    about: [],
    series: alone({ ...REFUSED, lastStats: (minute) => Math.min(minute, 20) * 60, stats401: failures(2) }),
    checks: [[24], [24.5, authCritical, notVisible], [39.5, authCritical, notVisible], [40, notVisible]],
  },
  {
    name: 'ApiAuthFailing: refusals while another key takes over',
    about: ['ApiAuthFailing'],
    series: alone({ stats401: FAILURES }),
    checks: [[30]],
  },
  {
    name: 'ApiAuthFailing: seen by one of two replicas while both are blind',
    about: [],
    series: replicas({ ...REFUSED, stats401: FAILURES }, { ...REFUSED, stats401: 0 }),
    checks: [[24.5, authCritical, notVisible]],
  },
  {
    name: 'a revoked key of three environments is one fleet page before it is a page for each',
    about: ['ApiAuthFailing'],
    whole: true,
    series: [
      ...exporter(),
      ...['e', 'f', 'g'].flatMap((id) => environment({ ...REFUSED, stats401: FAILURES }, { id })),
    ],
    checks: [
      [23],
      [23.5, fleet('ApiUnreachable', 'critical', { value: '100%', with: with_ })],
      [24, fleet('ApiUnreachable', 'critical', { value: '100%', with: with_ })],
    ],
  },
];

const list: readonly RuleCase[] = [
  {
    name: 'ApiAuthFailing: another environment of the same name is refused',
    about: ['ApiAuthFailing'],
    series: [...alone(REFUSED), ...environment({ stats401: FAILURES, list403: FAILURES }, { id: 'other' })],
    checks: [[24.5, notVisible]],
  },
  ...crossed({
    alert: 'ApiAuthFailing',
    sick: { upList: step(20, 1, 0), list403: FAILURES },
    off: { info: null },
    spoilt: { 'the refusal': { list403: 0 }, 'the failure': { upList: 1 } },
  }),
  {
    name: 'ApiAuthFailing: 403 to every list read is a warning',
    about: [],
    whole: true,
    series: alone(LIST_REFUSED),
    checks: edges([authWarning], { on: 25.5, off: 33 }),
  },
  {
    name: 'ApiAuthFailing: lost scrapes do not delay the warning',
    about: [],
    series: lostScrapes(alone({ ...LIST_REFUSED, upList: step(20, 1, 0) }), [23, 24.5]),
    checks: [[25], [25.5, authWarning]],
  },
  {
    name: 'ApiAuthFailing: 401 to every list read, and two are enough',
    about: [],
    series: alone({ ...LIST_REFUSED, list403: null, list401: failures(2) }),
    checks: [[25], [25.5, authWarning], [32.5, authWarning]],
  },
  {
    name: 'ApiAuthFailing: one refused list read in 15 minutes',
    about: ['ApiAuthFailing'],
    series: alone({ upList: step(20, 1, 0), list403: failures(1) }),
    checks: [[30]],
  },
  {
    name: 'ApiAuthFailing: refused list reads are forgotten after 15 minutes',
    about: [],
    series: alone({ upList: step(20, 1, 0), list403: failures(2) }),
    checks: [
      [34.5, authWarning],
      [35, itemsNotVisible],
    ],
  },
  {
    name: 'ApiAuthFailing: list reads that fail for another reason',
    about: ['ApiAuthFailing'],
    series: alone({ upList: step(20, 1, 0), listNotSelfHosted: FAILURES, stats401: FAILURES }),
    checks: [[30]],
  },
  {
    name: 'ApiAuthFailing: one of two replicas reads the list',
    about: ['ApiAuthFailing'],
    series: replicas(LIST_REFUSED, {}),
    checks: [[30]],
  },
  {
    name: 'ApiAuthFailing: one of two replicas counts the refusals',
    about: [],
    series: replicas(LIST_REFUSED, { ...LIST_REFUSED, list403: 0 }),
    checks: [[25.5, authWarning]],
  },
  ...whenGone({
    alert: 'ApiAuthFailing',
    lines: { upList: step(20, 1, 0), list403: FAILURES },
    at: 30,
    gone: { upList: [31.5, [authWarning]], info: [31.5, [authWarning]] },
  }),
];

const CLOUD: EnvironmentLines = {
  upStats: during(20, 40, [1, 0]),
  upList: during(20, 40, [1, 0]),
  listNotSelfHosted: FAILURES,
};

const ids: readonly RuleCase[] = [
  {
    name: 'EnvironmentMisconfigured: a cloud environment',
    about: [],
    series: alone(CLOUD),
    whole: true,
    checks: [
      [25],
      [25.5, misconfigured],
      [34.5, misconfigured],
      [35, misconfigured, itemsNotVisible],
      [39.5, misconfigured, itemsNotVisible],
      [40],
    ],
  },
  {
    name: 'EnvironmentMisconfigured: an unknown id',
    about: [],
    series: alone({ ...CLOUD, listNotSelfHosted: null, stats404: failures(2) }),
    checks: [[25], [25.5, misconfigured], [34.5, misconfigured], [35, itemsNotVisible]],
  },
  {
    name: 'EnvironmentMisconfigured: one 404',
    about: ['EnvironmentMisconfigured'],
    series: alone({ ...CLOUD, listNotSelfHosted: null, stats404: failures(1) }),
    checks: [[30]],
  },
  {
    name: 'EnvironmentMisconfigured: stats are read',
    about: ['EnvironmentMisconfigured'],
    series: alone({ ...CLOUD, upStats: 1 }),
    checks: [[30]],
  },
  {
    name: 'EnvironmentMisconfigured: other failures',
    about: ['EnvironmentMisconfigured'],
    series: alone({ ...CLOUD, listNotSelfHosted: null, stats401: FAILURES }),
    checks: [[23]],
  },
  {
    name: 'EnvironmentMisconfigured: one of two replicas counts the answers',
    about: [],
    series: replicas(CLOUD, { ...CLOUD, listNotSelfHosted: 0 }),
    checks: [[25.5, misconfigured]],
  },
  {
    name: 'EnvironmentMisconfigured: one of two replicas reads',
    about: ['EnvironmentMisconfigured'],
    series: replicas(CLOUD, { ...CLOUD, upStats: 1 }),
    checks: [[30]],
  },
  {
    name: 'EnvironmentMisconfigured: ends with the last verdict on the reads',
    about: [],
    series: alone({ listNotSelfHosted: FAILURES, upStats: step(30, 0, null), upList: null }),
    checks: [[31.5, misconfigured], [32]],
  },
  {
    name: 'EnvironmentMisconfigured: lost scrapes do not delay it',
    about: [],
    series: lostScrapes(alone(CLOUD), [23, 24.5]),
    checks: [[25], [25.5, misconfigured]],
  },
];

const rejected = fleet('CredentialRejected', 'warning', { with: { ...with_, credential: 'api_key' } });
const expiring = (value: string) =>
  fleet('CredentialExpiring', 'warning', { value, with: { ...with_, credential: 'api_key' } });
/** Fourteen days and ten minutes after the start of the test. */
const EXPIRY = 14 * 86_400 + 600;

const mixedUp = crossed({
  alert: 'EnvironmentMisconfigured',
  sick: CLOUD,
  off: { info: null },
  spoilt: { 'the answer': { listNotSelfHosted: 0 }, 'the failure': { upStats: 1 } },
});

const keys: readonly RuleCase[] = [
  {
    name: 'CredentialRejected: five minutes',
    about: [],
    whole: true,
    series: exporter({ rejected: during(10, 30, [0, 1]) }),
    checks: edges([rejected], { on: 15, off: 30, keep: 5 }),
  },
  {
    name: 'CredentialRejected: lost scrapes do not delay it',
    about: [],
    series: lostScrapes(exporter({ rejected: during(10, 30, [0, 1]) }), [12, 13.5]),
    checks: [[14.5], [15, rejected]],
  },
  {
    name: 'CredentialRejected: a rotation that takes less than five minutes',
    about: ['CredentialRejected'],
    series: exporter({ rejected: during(10, 15, [0, 1]) }),
    checks: [[15], [20]],
  },
  {
    name: 'CredentialRejected: on one of two replicas, until it is gone',
    about: [],
    series: [...exporter({ rejected: step(30, 1, null) }), ...exporter({}, { instance: 'b' })],
    checks: [[36.5, rejected], [37]],
  },
  {
    name: 'CredentialExpiring: fourteen days ahead, until it is renewed',
    about: [],
    whole: true,
    series: exporter({ expiry: step(40, EXPIRY, 9e6) }),
    checks: [[25], [25.5, expiring('13d 23h 44m 30s')], [39.5, expiring('13d 23h 30m 30s')], [40]],
  },
  {
    name: 'CredentialExpiring: lost scrapes do not delay it',
    about: [],
    series: lostScrapes(exporter({ expiry: EXPIRY }), [20, 21.5]),
    checks: [[25], [25.5, expiring('13d 23h 44m 30s')]],
  },
  {
    name: 'CredentialExpiring: the earlier of two replicas, until it is gone',
    about: [],
    series: [...exporter({ expiry: step(30, EXPIRY, null) }), ...exporter({ expiry: 9e6 }, { instance: 'b' })],
    checks: [[31.5, expiring('13d 23h 38m 30s')], [32]],
  },
  {
    name: 'CredentialExpiring: a configuration without a date',
    about: ['CredentialExpiring'],
    series: exporter(),
    checks: [[60]],
  },
];

export const CREDENTIAL_CASES = [...stats, ...list, ...ids, ...mixedUp, ...keys];
