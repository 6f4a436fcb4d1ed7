import { expect, it } from 'vitest';
import { FORMATS } from '../../../src/metrics/exposition/format.ts';
import { KeptGauge } from '../../../src/metrics/self/kept-gauge.ts';

const NAME = 'anthropic_work_credential_rejected';

function gauge() {
  const kept = new KeptGauge(NAME);
  kept.set({ connection: 'a', credential: 'env_1' }, 0);
  kept.set({ connection: 'a', credential: 'env_2' }, 1);
  kept.set({ connection: 'b', credential: 'env_1' }, 0);
  return kept;
}

function lines(kept: KeptGauge): string[] {
  return kept
    .write('prometheus')
    .toString()
    .split('\n')
    .filter((line) => line.startsWith(NAME))
    .map((line) => line.slice(NAME.length));
}

const ALL = [
  '{connection="a",credential="env_1"} 0',
  '{connection="a",credential="env_2"} 1',
  '{connection="b",credential="env_1"} 0',
];

/** What happens, and what is written then. */
const CHANGES: readonly (readonly [string, (kept: KeptGauge) => void, readonly string[]])[] = [
  ['nothing', () => {}, ALL],
  ['the same value again', (kept) => kept.set({ connection: 'a', credential: 'env_2' }, 1), ALL],
  ['the end of a series that is not there', (kept) => kept.remove({ connection: 'c' }), ALL],
  [
    'another value',
    (kept) => kept.set({ connection: 'a', credential: 'env_1' }, 1),
    ['{connection="a",credential="env_1"} 1', ALL[1]!, ALL[2]!],
  ],
  [
    'another series',
    (kept) => kept.set({ connection: 'c', credential: '"' }, 0),
    [...ALL, '{connection="c",credential="\\""} 0'],
  ],
  ['the end of one series', (kept) => kept.remove({ connection: 'a', credential: 'env_1' }), ALL.slice(1)],
  ['the end of a connection', (kept) => kept.remove({ connection: 'a' }), ALL.slice(2)],
  ['the end of all', (kept) => kept.remove({}), []],
];

it.each(CHANGES)(
  'after %s, its text says what there is, and is written again only if that changed',
  (_, change, expected) => {
    const kept = gauge();
    const before = FORMATS.map((format) => kept.write(format));
    change(kept);
    expect(lines(kept)).toEqual(expected);
    const isSame = expected === ALL;
    expect(FORMATS.map((format, index) => kept.write(format) === before[index])).toEqual(FORMATS.map(() => isSame));
  },
);

it('writes nothing, not even its head, without a series', () => {
  expect(new KeptGauge(NAME).write('openmetrics')).toHaveLength(0);
});
