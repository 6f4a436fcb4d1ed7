import { type Asked, type Hostile, type Json, type Outcome, only, value } from './answering.ts';

/** A list of which the first row has changed. */
const first = (change: (row: Json, asked: Asked) => unknown) =>
  only(
    'list',
    value((good, asked) => {
      const [row, ...rows] = good.data as readonly Json[];
      return row === undefined ? good : { ...good, data: [change(row, asked), ...rows] };
    }),
  );

const field = (name: string, what: string, given: unknown, list: Outcome): Hostile => [
  `a row with ${name} ${what}`,
  first((row) => ({ ...row, [name]: given })),
  { stats: 'ok', list },
];

const named = (given: string) => JSON.stringify(given).slice(0, 40);

const IDS = [
  'a/b',
  '..',
  '%2e%2e',
  'a\r\nx: y',
  'a\0b',
  '💥',
  'poll',
  'stats',
  ' a',
  '\ud800',
  '<script>',
  '"\\\n',
  'a'.repeat(129),
];
const NAMES = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'null', '-1', '0'];
const TIMES = ['created_at', 'acknowledged_at', 'started_at', 'latest_heartbeat_at', 'stop_requested_at', 'stopped_at'];
const STATES: readonly unknown[] = [
  'zzz',
  null,
  4,
  '',
  'other',
  '__proto__',
  'QUEUED',
  [],
  { queued: true },
  's'.repeat(10_000),
];
const METADATA: Readonly<Record<string, unknown>> = {
  null: null,
  'an array': ['a'],
  'a text': 'x',
  'a number': 1,
  'an object in it': { team: { b: 1 } },
  'a number in it': { team: 5 },
  'names of the prototype': JSON.parse('{"__proto__":"x","constructor":"y","team":"a"}'),
  'a value of 100 kB': { team: 'x'.repeat(100_000) },
  'a value of several lines': { team: 'a\nb"c\\d\0' },
  'half a surrogate pair': { team: '\udfff', '\ud800': 'x' },
};

/** The rows of a list; stats are good. */
export const ROWS: readonly Hostile[] = [
  ...[...IDS, ...NAMES].map((id) => field('id', named(id), id, 'ok')),
  ...['', 5, null, {}, [], 'a'.repeat(257), 'x'.repeat(2e6)].map((id, n) =>
    field('id', `of kind ${n} that is none`, id, 'bad_response'),
  ),
  ...TIMES.flatMap((name) => [
    field(name, 'null', null, 'ok'),
    field(name, 'in the year 9999', '9999-12-31T23:59:59Z', 'ok'),
    field(name, 'in the year 1', '0001-01-01T00:00:00Z', 'ok'),
    field(name, 'in 1970', '1970-01-01T00:00:00Z', 'ok'),
    field(name, 'before the year 0', '-000001-01-01T00:00:00Z', 'bad_response'),
    field(name, 'as a number', 1_796_000_000, 'bad_response'),
    field(name, 'as a word', 'x', 'bad_response'),
    field(name, 'as an empty text', '', 'bad_response'),
  ]),
  ...STATES.map((state, n) => field('state', `of kind ${n} that is none`, state, 'ok')),
  ['a row in the state of its key', first((row, { key }) => ({ ...row, state: key })), 'ok'],
  ['a row without a state', first(({ state: _, ...row }) => row), { stats: 'ok', list: 'bad_response' }],
  ...Object.entries(METADATA).map(([what, metadata]) => field('metadata', `of ${what}`, metadata, 'ok')),
  field(
    'metadata',
    'of 5,000 values',
    Object.fromEntries(Array.from({ length: 5000 }, (_, n) => [`k${n}`, 'v'])),
    'ok',
  ),
  [
    'a row with the key in its metadata',
    first((row, { key }) => ({ ...row, metadata: { team: key, [key]: key } })),
    'ok',
  ],
  ['a row with a secret', first((row, { key }) => ({ ...row, secret: key })), 'ok'],
  field('data', 'null', null, 'ok'),
  field('data', 'of a type that is unknown', { type: '__proto__', id: '../x' }, 'ok'),
  field('environment_id', 'of another environment', 'env_0', 'ok'),
  field('environment_id', 'null', null, 'ok'),
  ['a row that is null', first(() => null), { stats: 'ok', list: 'bad_response' }],
  ['a row that is an array', first(() => []), { stats: 'ok', list: 'bad_response' }],
  ['a row that is a number', first(() => 1), { stats: 'ok', list: 'bad_response' }],
  ['a row without members', first(() => ({})), { stats: 'ok', list: 'bad_response' }],
];
