import { during, type Line, step } from '../support/lines.ts';
import { outage } from '../support/outage.ts';
import { type Firing, fires, fleet, type RuleCase, replicas, type ShortName } from '../support/rule-case.ts';
import {
  type EnvironmentLines,
  environment,
  exporter,
  NO_KEY,
  type ProcessLines,
  type Series,
} from '../support/series.ts';

const FROM = 10;
const TO = 24;
const ABOUT: readonly ShortName[] = [
  'ApiUnreachable',
  'CredentialRejected',
  'ApiRateLimited',
  'EnvironmentNotVisible',
  'ApiAuthFailing',
  'EnvironmentMisconfigured',
];

/** Counts in each minute so many from a minute on. */
const counts =
  (perMinute: number, from = FROM): Line =>
  (minute) =>
    Math.max(0, Math.floor((minute - from) * perMinute));
/** Nothing can be read any more, for a reason if there is one. */
const blind = (reasons: EnvironmentLines = {}): EnvironmentLines => ({ ...outage({}, FROM, TO), ...reasons });
const timeouts = blind({ statsTimeout: counts(2) });
const unknown = blind({ stats404: counts(2) });
const cloud = blind({ statsNotSelfHosted: counts(2) });
const limited = blind({ stats429: counts(2) });

const refused = blind({ stats401: counts(2) });

/**
 * Environments of one connection, which all have one name.
 * @param own series of the connection itself
 * @param credential whose key is refused, where one is
 */
function connection(
  name: string,
  all: readonly EnvironmentLines[],
  own: ProcessLines = {},
  credential = 'api_key',
): readonly Series[] {
  const ofConnection = exporter(own)
    .filter(({ labels }) => 'connection' in labels)
    .map((one) => ({
      ...one,
      labels: { ...one.labels, connection: name, ...('credential' in one.labels ? { credential } : {}) },
    }));
  return [
    ...ofConnection,
    ...all.flatMap((lines, index) => environment(lines, { id: `${name}-${index}`, name: 'x', connection: name })),
  ];
}

const whole = (alert: ShortName, name: string): Firing => fleet(alert, 'critical', { with: { connection: name } });
const single = (alert: ShortName, name: string, index: number): Firing =>
  fires(alert, 'critical', { id: `${name}-${index}`, with: { connection: name } });
const ticket = (name: string, index: number, reason: string): Firing =>
  fires('EnvironmentMisconfigured', 'warning', { id: `${name}-${index}`, with: { connection: name, reason } });

const well = {};
const process = exporter().filter(({ labels }) => !('connection' in labels));
/** Each is the near miss of another: how many are blind of how many, and why. */
const CONNECTIONS: readonly Series[] = [
  ...process,
  ...connection('one-of-one', [timeouts]),
  ...connection('two-of-three', [timeouts, timeouts, well]),
  ...connection('two-of-four', [timeouts, timeouts, well, well]),
  ...connection('three-of-seven', [timeouts, timeouts, timeouts, well, well, well, well]),
  ...connection('two-without-keys', [timeouts, timeouts, NO_KEY, NO_KEY]),
  ...connection('no-such-two', [unknown, blind({ listNotSelfHosted: counts(2), stats404: counts(2) })]),
  ...connection('two-such-of-three', [unknown, unknown, well]),
  ...connection('two-clouds-of-three', [cloud, cloud, well]),
  ...connection('no-such-one', [unknown]),
  ...connection('refused-two', [blind({ stats401: counts(2) }), blind({ stats403: counts(2) }), well], { rejected: 1 }),
  ...connection('refused-unnoticed', [blind({ stats401: counts(2) }), blind({ stats401: counts(2) })], { rejected: 0 }),
  ...connection('refused-elsewhere', [timeouts, timeouts, timeouts], { rejected: 1 }),
  ...connection('refused-one', [blind({ stats403: counts(2) }), well, well, well], { rejected: 1 }),
  ...connection('comes-and-goes', [{ upStats: (minute) => (minute % 4 < 2 ? 1 : 0) }]),
  ...connection('limited', [limited, blind({ stats429: counts(0.25) }), timeouts]),
  ...connection('limited-less', [blind({ stats429: counts(1.5) }), timeouts, timeouts]),
  ...connection('keys-of-two', [refused, refused, timeouts, timeouts, timeouts, well], { rejected: 1 }, 'k'),
  ...connection('keys-of-two-and-one', [refused, refused, timeouts, well, well], { rejected: 1 }, 'k'),
  ...connection('keys-of-all', [refused, refused, refused], { rejected: 1 }, 'k'),
  ...connection('all-and-limited', [blind({ stats401: counts(9) }), limited], { rejected: 1 }, 'k'),
  ...connection('forbidden-and-limited', [blind({ stats403: counts(9) }), limited]),
  ...connection('deleted-and-limited', [blind({ stats404: counts(9) }), limited]),
  ...connection('cloud-and-limited', [blind({ statsNotSelfHosted: counts(9) }), limited]),
  ...connection('half-limited', [blind({ stats429: counts(2), statsTimeout: counts(2) })]),
];

const LIMITED = ['limited', 'all-and-limited', 'forbidden-and-limited', 'deleted-and-limited', 'cloud-and-limited'].map(
  (name) => whole('ApiRateLimited', name),
);
const REFUSED = ['refused-two', 'keys-of-two', 'keys-of-two-and-one', 'keys-of-all'].map((name) =>
  whole('CredentialRejected', name),
);
const UNREACHABLE = [
  'two-of-three',
  'three-of-seven',
  'two-without-keys',
  'no-such-two',
  'refused-elsewhere',
  'refused-unnoticed',
  'limited-less',
  'keys-of-two',
].map((name) => whole('ApiUnreachable', name));
const REFUSED_ONE = single('ApiAuthFailing', 'refused-one', 0);
const NOT_VISIBLE = [
  single('EnvironmentNotVisible', 'one-of-one', 0),
  single('EnvironmentNotVisible', 'two-of-four', 0),
  single('EnvironmentNotVisible', 'two-of-four', 1),
  single('EnvironmentNotVisible', 'keys-of-two-and-one', 2),
  single('EnvironmentNotVisible', 'half-limited', 0),
];
const NO_KEYS = [2, 3].map((index) => ticket('two-without-keys', index, 'no_key'));
const UNKNOWN = [
  ticket('no-such-one', 0, 'not_found'),
  ticket('no-such-two', 1, 'not_self_hosted'),
  ticket('two-such-of-three', 0, 'not_found'),
  ticket('two-such-of-three', 1, 'not_found'),
  ticket('cloud-and-limited', 0, 'not_self_hosted'),
  ticket('two-clouds-of-three', 0, 'not_self_hosted'),
  ticket('two-clouds-of-three', 1, 'not_self_hosted'),
];
const KEYS = ['refused-two', 'refused-elsewhere', 'refused-one'].map((name) =>
  fleet('CredentialRejected', 'warning', { with: { connection: name, credential: 'api_key' } }),
);
const OWN_KEYS = ['keys-of-two', 'keys-of-two-and-one', 'keys-of-all', 'all-and-limited'].map((name) =>
  fleet('CredentialRejected', 'warning', { with: { connection: name, credential: 'k' } }),
);

/** What stays once the refusals are told by the connection, and each environment that is alone by itself. */
const LASTING: readonly Firing[] = [
  ...NO_KEYS,
  KEYS[1]!,
  OWN_KEYS.at(-1)!,
  ...LIMITED,
  ...REFUSED,
  ...UNREACHABLE,
  REFUSED_ONE,
  ...NOT_VISIBLE,
  ...UNKNOWN,
];

const pages: readonly RuleCase[] = [
  {
    name: 'what cannot be read, by how much of each connection and why',
    about: ABOUT,
    series: CONNECTIONS,
    checks: [
      [12.5, ...NO_KEYS, ...KEYS, ...OWN_KEYS],
      [13, ...NO_KEYS, ...KEYS, ...OWN_KEYS, ...LIMITED],
      [13.5, ...NO_KEYS, ...KEYS, ...OWN_KEYS, ...LIMITED, ...REFUSED, ...UNREACHABLE],
      [14, ...NO_KEYS, ...KEYS, ...OWN_KEYS, ...LIMITED, ...REFUSED, ...UNREACHABLE, REFUSED_ONE],
      [15, ...NO_KEYS, ...KEYS, ...OWN_KEYS, ...LIMITED, ...REFUSED, ...UNREACHABLE, REFUSED_ONE],
      // Groups of rules run side by side: what one sees of another may be of the evaluation before.
      [17.5, ...LASTING],
      [24.5, ...LASTING],
      [25, ...NO_KEYS, KEYS[1]!, OWN_KEYS.at(-1)!, ...LIMITED, ...REFUSED, ...UNREACHABLE, REFUSED_ONE, ...UNKNOWN],
      [27, ...NO_KEYS, KEYS[1]!, OWN_KEYS.at(-1)!],
    ],
  },
];

const oneIsBlind = fleet('ReplicaBlind', 'warning', { with: { instance: 'a' } });
const away = (from: number, to = 1e9): EnvironmentLines => ({
  upStats: (minute) => (minute >= from && minute < to ? 0 : 1),
});
const oneReplica: readonly RuleCase[] = [
  {
    name: 'ReplicaBlind: one replica reads nothing, and the other every two minutes',
    about: ['ReplicaBlind'],
    series: replicas(away(10, 40), { upStats: (minute) => (minute % 2 === 0 ? 1 : 0) }),
    checks: [[24], [25, oneIsBlind], [41, oneIsBlind], [42]],
  },
  {
    name: 'ReplicaBlind: one replica reads nothing, and three of its scrapes are lost',
    about: ['ReplicaBlind'],
    series: replicas(away(10), {}).map((one) =>
      one.name === 'up' && one.labels.instance === 'a' ? { ...one, line: during(22, 23.5, [1, 0]) } : one,
    ),
    checks: [[24], [25, oneIsBlind]],
  },
  {
    name: 'ReplicaBlind: soon the other reads nothing, either',
    about: ['ReplicaBlind'],
    series: replicas(away(10), away(22)),
    checks: [[25], [30]],
  },
  ...(['its target vanishes', 'its process dies'] as const).map(
    (what): RuleCase => ({
      name: `ReplicaBlind: it reads nothing, ${what}, and another one reads`,
      about: ['ReplicaBlind'],
      series: [
        ...[...exporter(), ...environment(away(10))].map((one) => ({
          ...one,
          line: step(30, one.line, one.name === 'up' && what === 'its process dies' ? 0 : null),
        })),
        ...[...exporter({}, { instance: 'b' }), ...environment({}, { instance: 'b' })].map((one) => ({
          ...one,
          line: step(27, null, one.line),
        })),
      ],
      checks: [[31.5], [33], [36], [39]],
    }),
  ),
];

export const VISIBILITY_CASES = [...pages, ...oneReplica];
