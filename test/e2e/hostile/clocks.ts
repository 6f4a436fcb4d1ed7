import { type Answering, good, type Hostile } from './answering.ts';

const dated = (...dates: readonly string[]) => good({ date: null, head: dates.map((date) => `date: ${date}`) });

const text = (at: number) => new Date(at).toUTCString();
const off =
  (ms: number): Answering =>
  (_, { body, reply, now }) =>
    reply(body, { date: text(now + ms) });

const refused = (status: string, ...head: readonly string[]): Answering => {
  return (_, { reply }) => reply('{}', { status, head });
};

const WAITS: Readonly<Record<string, readonly string[]>> = {
  'of no time': ['retry-after: 0'],
  'of a second': ['retry-after: 1'],
  'below 0': ['retry-after: -5'],
  'of a number that no number holds': ['retry-after: 99999999999999999999'],
  'of 400 digits': [`retry-after: ${'9'.repeat(400)}`],
  'with an exponent': ['retry-after: 1e9'],
  'in hexadecimal': ['retry-after: 0xfff'],
  'that is empty': ['retry-after: '],
  'that is a word': ['retry-after: later'],
  'in 1970': ['retry-after: Thu, 01 Jan 1970 00:00:00 GMT'],
  'in 9999': ['retry-after: Fri, 31 Dec 9999 23:59:59 GMT'],
  'in the old form': ['retry-after: Sunday, 06-Nov-94 08:49:37 GMT'],
  'in milliseconds': ['retry-after-ms: 99999999999'],
  twice: ['retry-after: 1', 'retry-after: 9999999'],
  'and the wish not to be asked again': ['x-should-retry: false', 'retry-after: 1'],
};

/**
 * What answers say of time: when they were sent, how old they are, and when to come again. Each environment has a connection
 * of its own, which they concern as a whole.
 */
export const CLOCKS: readonly Hostile[] = [
  ['no date', good({ date: null }), 'ok'],
  ['an empty date', dated(''), 'ok'],
  ['a date that is none', dated('yesterday'), 'ok'],
  ['two dates', dated('x', 'Fri, 31 Dec 9999 23:59:59 GMT'), 'ok'],
  ['a date in 1970', dated('Thu, 01 Jan 1970 00:00:00 GMT'), 'ok'],
  ['a date in 9999', dated('Fri, 31 Dec 9999 23:59:59 GMT'), 'ok'],
  ['a date that no calendar has', dated('Mon, 31 Feb 2026 25:61:61 GMT'), 'ok'],
  ['a date in RFC 3339', dated('2026-11-29T10:00:00Z'), 'ok'],
  ['a date half an hour back', off(-1_800_000), 'ok'],
  ['a date in three hours', off(10_800_000), 'ok'],
  [
    'dates that jump a day back and forth',
    (_, { body, reply, now, count }) => reply(body, { date: text(now + (count % 2) * 86_400_000) }),
    'ok',
  ],
  ['an age of a year', good({ head: ['age: 31536000'] }), 'bad_response'],
  ['an age that is none', good({ head: ['age: old'] }), 'bad_response'],
  ['an age below 0', good({ head: ['age: -1'] }), 'bad_response'],
  ['an age of 0', good({ head: ['age: 0'] }), 'ok'],
  ...Object.entries(WAITS).flatMap(([what, head]): readonly Hostile[] => [
    [`503 with a wait ${what}`, refused('503 Busy', ...head), 'server_error'],
    [`429 with a wait ${what}`, refused('429 Slow', ...head), 'rate_limited'],
  ]),
  [
    '429 with limits of its own',
    refused('429 Slow', 'anthropic-ratelimit-requests-reset: 9999-12-31T23:59:59Z'),
    'rate_limited',
  ],
];
