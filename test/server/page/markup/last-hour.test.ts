import { expect, it } from 'vitest';
import { chartHtml, lastHour } from '../../../../src/server/page/markup/last-hour.ts';
import { textOf } from '../page-facts.ts';

const NONE = Number.NaN;

const drawn = (numbers: readonly number[]) => {
  const markup = chartHtml({ key: 'a', title: 'Waiting', numbers, format: String }).toString();
  return { words: textOf(markup).trim(), line: / d="([^"]*)"/.exec(markup)?.[1] };
};

it.each<[string, readonly number[], string, string | undefined]>([
  ['steps from number to number', [0, 0, 4, 2], 'Waiting 2 (0 to 4)', 'M0 39H2V1H3V20H3'],
  ['a number that never changes', [3, 3, 3], 'Waiting 3 (always 3)', 'M0 1H2'],
  ['nothing at all', [0, 0, 0], 'Waiting 0 (always 0)', 'M0 39H2'],
  ['a gap where it was not known', [4, NONE, NONE, 4], 'Waiting 4 (always 4)', 'M0 1H1M3 1H3'],
  ['a number that is not known now', [4, 2, NONE], 'Waiting – (2 to 4)', 'M0 1H1V20H2'],
  ['what was never known', [NONE, NONE], 'Waiting – not known in the last hour', undefined],
])('draws %s', (_name, numbers, words, line) => {
  expect(drawn(numbers)).toEqual({ words, line });
});

it('shows queue and workers of the last hour, or that nothing is kept yet', () => {
  const hour = { waiting: [NONE, 7], oldestSeconds: [5, 5], polling: [2], live: [3], stale: [NONE] };
  const words = 'Waiting 7 (always 7) Oldest waits 5s (always 5s) Workers polling 2 (always 2) Live items 3 (always 3)';
  expect(textOf(lastHour({ numbersOf: (name) => hour[name] }).toString())).toContain(words);
  expect(textOf(lastHour(undefined).toString())).toContain('Nothing is kept yet');
});
