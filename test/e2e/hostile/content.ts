import { type Asked, body, type Hostile, type Json, type Outcome, only, UNSEEN, value } from './hostile-api.ts';

const text = (change: (body: string) => string) => body((asked) => change(asked.body));
/** One more member at the end of the body. */
const member = (json: string) => text((whole) => `${whole.slice(0, -1)},${json}}`);
const nested = (open: string, inner: string, close: string, levels: number) =>
  member(`"x":${open.repeat(levels)}${inner}${close.repeat(levels)}`);
const NO_UTF8 = Buffer.from([0xff, 0xc0, 0x80]);

/** What is not the JSON that was expected, or is more than that. */
export const BODIES: readonly Hostile[] = [
  ...['', 'null', '[]', '[[]]', '"x"', '5', '{}', 'true', ' ', '"', '-', '\\u0000'].map(
    (whole): Hostile => [`the body ${whole}`, body(() => whole), 'bad_response'],
  ),
  ['60,000 spaces', body(() => ' '.repeat(60_000)), 'bad_response'],
  ['a web page', body(() => `<!doctype html><title>${UNSEEN}</title>`), 'bad_response'],
  [
    'an error with 200',
    body(() => '{"type":"error","error":{"type":"overloaded_error","message":"x"}}'),
    'bad_response',
  ],
  ['a character after it', text((whole) => `${whole}x`), 'bad_response'],
  ['white space after it', text((whole) => whole + ' \n'.repeat(10_000)), 'ok'],
  ['two documents', text((whole) => `${whole}\n${whole}`), 'bad_response'],
  ['a comma at its end', text((whole) => whole.replace(/}$/, ',}')), 'bad_response'],
  ['a guard against scripts', text((whole) => `)]}',\n${whole}`), 'bad_response'],
  ['a byte order mark', text((whole) => `\ufeff${whole}`), 'ok'],
  ['UTF-16 with its mark', body((asked) => Buffer.from(`\ufeff${asked.body}`, 'utf16le')), 'bad_response'],
  [
    'bytes that are no UTF-8',
    body((asked) => Buffer.concat([Buffer.from(`${asked.body.slice(0, -1)},"x":"`), NO_UTF8, Buffer.from('"}')])),
    'ok',
  ],
  ['a NUL', text((whole) => `${whole.slice(0, -1)}\0}`), 'bad_response'],
  ['half a surrogate pair', member('"x":"\\ud800"'), 'ok'],
  ['names with escapes', text((whole) => whole.replace(/"(d)(epth|ata)":/, '"\\u0064$2":')), 'ok'],
  ['its members twice', text((whole) => `{"depth":5,"data":[],"next_page":"x",${whole.slice(1)}`), 'ok'],
  [
    'members of the prototype',
    text((whole) => `{"__proto__":{"depth":9},"constructor":{"x":1},"toString":1,${whole.slice(1)}`),
    'ok',
  ],
  ['a member that has the key', value((good, { key }) => ({ ...good, [key]: key })), 'ok'],
  ['another type', value((good: Json) => ({ ...good, type: 'something_else' })), 'ok'],
  ['9,000 arrays in one another', nested('[', '', ']', 9000), 'ok'],
  ['9,000 objects in one another', nested('{"a":', '1', '}', 9000), 'ok'],
  ['a million open arrays', body(() => '['.repeat(1e6)), 'bad_response'],
  ['50,000 members', member(Array.from({ length: 50_000 }, (_, n) => `"k${n}":1`).join()), 'bad_response'],
  ['a number of 50,000 digits', member(`"x":${'1'.repeat(50_000)}`), 'ok'],
  ['2 MB', text((whole) => whole + ' '.repeat(2e6)), 'ok'],
  ['10 MB', text((whole) => whole + ' '.repeat(1e7)), 'bad_response'],
];

const withValue = (name: string, json: string) =>
  only(
    'stats',
    body((asked) => asked.body.replace(new RegExp(`"${name}":[^,}]+`), `"${name}":${json}`)),
  );
/** JSON in place of a number, and how the read of stats ends; the list is good. */
const numbers = (name: string, stats: Outcome, ...jsons: readonly string[]) =>
  jsons.map((json): Hostile => [`${name} ${json.slice(0, 30)}`, withValue(name, json), { stats, list: 'ok' }]);
const NO_NUMBERS = ['1e400', '1e308', '-1', '1.5', '"2"', 'true', '[2]', '{"valueOf":2}', '9007199254740993'];
const NO_JSON = ['0x10', 'NaN', '007', '+1', '1e', 'undefined'];
/** JSON in place of the stamp of the oldest item. The other numbers are right without it. */
const STAMPS = [
  ...['2999-01-01T00:00:00Z', '0000-01-01T00:00:00Z', '1970-01-01T00:00:00Z', 'yesterday', '', '2026-06-30T23:59:60Z'],
  ...['2026-11-29T10:00:00.123456789Z', '2026-11-29T10:00:00', '2026-11-29T10:00:00Z\0', '2026-13-29T10:00:00Z'],
  ...[5, ['2026-11-29T10:00:00Z'], ' '.repeat(65_536)],
].map((stamp) => JSON.stringify(stamp));

/** The values of stats; lists are good. */
export const VALUES: readonly Hostile[] = [
  ...['depth', 'pending', 'workers_polling'].flatMap((name) => [
    ...numbers(name, 'ok', '-0', '2.0', '2e0', '20E-1'),
    ...numbers(name, 'bad_response', ...NO_NUMBERS),
  ]),
  ...numbers('depth', 'bad_response', 'null', `1${'0'.repeat(5000)}`, ...NO_JSON),
  ...numbers('pending', 'bad_response', 'null'),
  ...numbers('workers_polling', 'ok', 'null'),
  ...STAMPS.map(
    (json): Hostile => [`the oldest stamp ${json.slice(0, 40)}`, withValue('oldest_queued_at', json), 'ok'],
  ),
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

/** A list of which the first row has changed. */
const first = (what: string, change: (row: Json, asked: Asked) => unknown, list: Outcome = 'ok'): Hostile => [
  what,
  only(
    'list',
    value((good, asked) => {
      const [row, ...rows] = good.data as readonly Json[];
      return row === undefined ? good : { ...good, data: [change(row, asked), ...rows] };
    }),
  ),
  { stats: 'ok', list },
];
const fields = (name: string, list: Outcome, ...values: readonly unknown[]) =>
  values.map((given, n) => {
    const what = `a row with ${name} ${JSON.stringify(given)?.slice(0, 40)} (${n})`;
    return first(what, (row) => ({ ...row, [name]: given }), list);
  });

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
const NAMES = ['__proto__', 'constructor', 'toString', 'null', '-1', '0'];
const NO_TIMES = ['-000001-01-01T00:00:00Z', 1_796_000_000, 'x', ''];
const FAR_TIMES = [null, '9999-12-31T23:59:59Z', '0001-01-01T00:00:00Z', '1970-01-01T00:00:00Z'];
const TIMES = ['created_at', 'acknowledged_at', 'started_at', 'latest_heartbeat_at', 'stop_requested_at', 'stopped_at'];
const STATES = ['zzz', null, 4, '', 'other', '__proto__', 'QUEUED', [], { queued: true }, 's'.repeat(10_000)];
const METADATA = [
  ...[null, ['a'], 'x', 1, { team: { b: 1 } }, { team: 5 }, { team: 'x'.repeat(100_000) }, { team: 'a\nb"c\\d\0' }],
  JSON.parse('{"__proto__":"x","constructor":"y","team":"a"}'),
  { team: '\udfff', '\ud800': 'x' },
  Object.fromEntries(Array.from({ length: 5000 }, (_, n) => [`k${n}`, 'v'])),
];

/** The rows of a list; stats are good. */
export const ROWS: readonly Hostile[] = [
  ...fields('id', 'ok', ...IDS, ...NAMES),
  ...fields('id', 'bad_response', '', 5, null, {}, [], 'a'.repeat(257), 'x'.repeat(2e6)),
  ...TIMES.flatMap((name) => [...fields(name, 'ok', ...FAR_TIMES), ...fields(name, 'bad_response', ...NO_TIMES)]),
  ...fields('state', 'ok', ...STATES),
  ...fields('metadata', 'ok', ...METADATA),
  ...fields('data', 'ok', null, { type: '__proto__', id: '../x' }),
  ...fields('environment_id', 'ok', 'env_0', null),
  first('a row in the state of its key', (row, { key }) => ({ ...row, state: key })),
  first('a row with the key in its metadata', (row, { key }) => ({ ...row, metadata: { team: key, [key]: key } })),
  first('a row with a secret', (row, { key }) => ({ ...row, secret: key })),
  first('a row without a state', ({ state: _, ...row }) => row, 'bad_response'),
  ...[null, [], 1, {}].map((row) => first(`a row that is ${JSON.stringify(row)}`, () => row, 'bad_response')),
];

type Rows = readonly Json[];
type Change = (rows: Rows, asked: Asked) => Json;

/** A list that is made of the rows of the first page. */
const list = (what: string, change: Change, outcome: Outcome = 'ok', stops = 0): Hostile => [
  what,
  only(
    'list',
    value((good, asked) => change(good.data as Rows, asked)),
  ),
  { stats: 'ok', list: outcome },
  stops === 0 ? {} : { items_stopped_total: stops },
];
const cursors = (outcome: Outcome, ...all: readonly unknown[]) =>
  all.map((cursor) => {
    const what = `the next page ${JSON.stringify(cursor).slice(0, 40)} of ${String(cursor).length}`;
    return list(what, (data) => ({ data, next_page: cursor }), outcome);
  });
const last = (data: unknown) => ({ data, next_page: null });
const stopped = (row: Json | undefined, at: unknown) => ({ ...row, state: 'stopped', stopped_at: at });
const justStopped = (row: Json | undefined, { now }: Asked) => stopped(row, new Date(now).toISOString());
/** The number in a cursor like `c7`; 0 for the first page. */
const numberOf = ({ cursor }: Asked) => Number(cursor?.slice(1) ?? 0);
const many = (data: Rows, count: number, from = 0) =>
  Array.from({ length: count }, (_, n) => ({
    ...stopped(data[0], data[0]?.acknowledged_at),
    id: `work_many_${from + n}`,
  }));
const nextOf = (asked: Asked) => `c${numberOf(asked) + 1}`;

/** What lists say about their pages, and what stands on them; stats are good. */
export const PAGES: readonly Hostile[] = [
  ...cursors(
    'ok',
    '',
    'c0',
    'a\r\nhost: x',
    'a\0b',
    'a&limit=5&page=z#f',
    '💥é',
    '\ud800',
    '../../poll',
    'http://127.0.0.1:9/',
  ),
  ...cursors('bad_response', 0, {}, [], true, false, 'c'.repeat(5000), 'c'.repeat(1e6)),
  list('pages in a circle of three', (data, asked) => ({ data, next_page: `c${(numberOf(asked) + 1) % 3}` })),
  list('pages without end that show the same', (data, asked) => ({ data, next_page: nextOf(asked) })),
  list('pages without end that are empty', (_, asked) => ({ data: [], next_page: nextOf(asked) })),
  list('pages without end that show others', (data, asked) => ({
    data: many(data, 10, numberOf(asked) * 10),
    next_page: nextOf(asked),
  })),
  list('has_more and no cursor', (data) => ({ data, has_more: true })),
  list('has_more that is a text', (data) => ({ data, has_more: 'yes', last_id: 5 })),
  list('has_more that a cursor denies', (data) => ({ data, has_more: false, next_page: 'c1' })),
  ...[null, { length: 5 }, 'x', undefined].map((data) =>
    list(`rows that are ${data}`, () => last(data), 'bad_response'),
  ),
  list('an empty list', () => last([])),
  list('an empty list every other time', (data, { count }) => last(count % 2 ? data : [])),
  list('the rows the other way round every other time', (data, { count }) =>
    last(count % 2 ? data : data.toReversed()),
  ),
  list('each row twice', (data) => last([...data, ...data])),
  list('a row that is stopped, too', (data, asked) => last([data[0], justStopped(data[0], asked), ...data]), 'ok', 1),
  list(
    'a row that is stopped on the next page',
    (data, asked) => (asked.cursor === null ? { data, next_page: 'c1' } : last([justStopped(data[0], asked)])),
    'ok',
    1,
  ),
  list('8,000 rows on one page', (data) => last(many(data, 8000))),
  list(
    'rows of another environment alone',
    (data) => last(data.map((row) => ({ ...row, environment_id: 'env_0' }))),
    'bad_response',
  ),
  list('rows without an environment', (data) => last(data.map((row) => ({ ...row, environment_id: null })))),
  list('stopped rows that do not say when', (data) => last(data.map((row) => stopped(row, null)))),
];
