import { body, type Hostile, type Outcome, only } from './answering.ts';

/** JSON in place of a number, where there is one, and how the read ends. */
const NUMBERS: Readonly<Record<string, Outcome>> = {
  '-0': 'ok',
  '2.0': 'ok',
  '2e0': 'ok',
  '20E-1': 'ok',
  '1e400': 'bad_response',
  '1e308': 'bad_response',
  '-1': 'bad_response',
  '1.5': 'bad_response',
  '"2"': 'bad_response',
  true: 'bad_response',
  '[]': 'bad_response',
  '[2]': 'bad_response',
  '{"valueOf":2}': 'bad_response',
  '9007199254740993': 'bad_response',
  '18446744073709551616': 'bad_response',
  '0x10': 'bad_response',
  NaN: 'bad_response',
  Infinity: 'bad_response',
  '007': 'bad_response',
  '+1': 'bad_response',
  '.5': 'bad_response',
  '1e': 'bad_response',
  '1_0': 'bad_response',
  '2n': 'bad_response',
  undefined: 'bad_response',
};

/** JSON in place of the stamp of the oldest item. The other numbers are right without it. */
const STAMPS = {
  'of the future': '"2999-01-01T00:00:00Z"',
  'of the year 0': '"0000-01-01T00:00:00Z"',
  'of 1970': '"1970-01-01T00:00:00Z"',
  'that is a number': '5',
  'that is an array': '["2026-11-29T10:00:00Z"]',
  'that is a word': '"yesterday"',
  'that is empty': '""',
  'of a leap second': '"2026-06-30T23:59:60Z"',
  'in nanoseconds': '"2026-11-29T10:00:00.123456789Z"',
  'with an offset': '"2026-11-29T10:00:00+14:00"',
  'without a zone': '"2026-11-29T10:00:00"',
  'with a NUL': '"2026-11-29T10:00:00Z\\u0000"',
  'of a month that is none': '"2026-13-29T10:00:00Z"',
};

function withValue(name: string, json: string) {
  return only(
    'stats',
    body((asked) => asked.body.replace(new RegExp(`"${name}":[^,}]+`), `"${name}":${json}`)),
  );
}

const LIMIT = ' '.repeat(65_536);

/** The values of stats; lists are good. */
export const VALUES: readonly Hostile[] = [
  ...['depth', 'pending', 'workers_polling'].flatMap((name) =>
    Object.entries(NUMBERS).map(
      ([json, stats]): Hostile => [`${name} ${json}`, withValue(name, json), { stats, list: 'ok' }],
    ),
  ),
  ['depth null', withValue('depth', 'null'), { stats: 'bad_response', list: 'ok' }],
  ['pending null', withValue('pending', 'null'), { stats: 'bad_response', list: 'ok' }],
  ['workers_polling null', withValue('workers_polling', 'null'), 'ok'],
  ['a depth of 5,000 digits', withValue('depth', `1${'0'.repeat(5000)}`), { stats: 'bad_response', list: 'ok' }],
  ...Object.entries(STAMPS).map(
    ([what, json]): Hostile => [`an oldest stamp ${what}`, withValue('oldest_queued_at', json), 'ok'],
  ),
  ['an oldest stamp of 64 KiB', withValue('oldest_queued_at', `"${LIMIT}"`), 'ok'],
  [
    'stats that know of nothing',
    only(
      'stats',
      body(() => '{"depth":0,"pending":0}'),
    ),
    'ok',
  ],
  ['stats of far more than the list has', withValue('depth', '100000'), 'ok'],
];
