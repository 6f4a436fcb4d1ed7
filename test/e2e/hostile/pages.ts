import { type Asked, type Hostile, type Json, type Outcome, only, value } from './answering.ts';

type Rows = readonly Json[];
type Change = (rows: Rows, asked: Asked) => Json;

/** Pages that are made of the rows of the first. */
const page = (change: Change) =>
  only(
    'list',
    value((good, asked) => change(good.data as Rows, asked)),
  );
const list = (what: string, change: Change, outcome: Outcome = 'ok', stops = 0): Hostile => [
  what,
  page(change),
  { stats: 'ok', list: outcome },
  stops === 0 ? {} : { items_stopped_total: stops },
];
const next = (what: string, cursor: unknown, outcome: Outcome = 'ok') =>
  list(`a next page that is ${what}`, (data) => ({ data, next_page: cursor }), outcome);

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

/** What lists say about their pages, and what stands on them; stats are good. */
export const PAGES: readonly Hostile[] = [
  next('empty', ''),
  next('0', 0, 'bad_response'),
  next('an object', {}, 'bad_response'),
  next('an array', [], 'bad_response'),
  next('true', true, 'bad_response'),
  next('false', false, 'bad_response'),
  next('the page itself', 'c0'),
  next('a header', 'a\r\nhost: x'),
  next('a text with a NUL', 'a\0b'),
  next('a query', 'a&limit=5&page=z#f'),
  next('an emoji', '💥é'),
  next('half a surrogate pair', '\ud800'),
  next('a path', '../../poll'),
  next('an address', 'http://127.0.0.1:9/'),
  next('a text of 5 kB', 'c'.repeat(5000), 'bad_response'),
  next('a text of 1 MB', 'c'.repeat(1e6), 'bad_response'),
  list('pages in a circle of three', (data, asked) => ({ data, next_page: `c${(numberOf(asked) + 1) % 3}` })),
  list('pages without end that show the same', (data, asked) => ({ data, next_page: `c${numberOf(asked) + 1}` })),
  list('pages without end that are empty', (_, asked) => ({ data: [], next_page: `c${numberOf(asked) + 1}` })),
  list('pages without end that show others', (data, asked) => ({
    data: many(data, 10, numberOf(asked) * 10),
    next_page: `c${numberOf(asked) + 1}`,
  })),
  list('has_more and no cursor', (data) => ({ data, has_more: true })),
  list('has_more that is a text', (data) => ({ data, has_more: 'yes', last_id: 5 })),
  list('has_more and the id of the last row', (data) => ({ data, has_more: true, last_id: data.at(-1)?.id })),
  list('has_more that a cursor denies', (data) => ({ data, has_more: false, next_page: 'c1' })),
  list('no rows but null', () => last(null), 'bad_response'),
  list('no rows but an object', () => last({ length: 5 }), 'bad_response'),
  list('no rows but a text', () => last('x'), 'bad_response'),
  list('no rows at all', () => ({ next_page: null }), 'bad_response'),
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
  list('stopped rows that do not say when', (data) =>
    last(data.map((row) => ({ ...row, state: 'stopped', stopped_at: null }))),
  ),
];
