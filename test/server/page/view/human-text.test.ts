import { expect, it } from 'vitest';
import { durationText } from '../../../../src/server/page/view/human-text.ts';

it.each([
  [0.04, '0s'],
  [4.06, '4.1s'],
  [12.4, '12s'],
  [59.6, '1m'],
  [312, '5m 12s'],
  [7200, '2h'],
  [86_399, '23h 59m'],
  [86_400, '1d'],
  [93_784, '1d 2h'],
  [Number.POSITIVE_INFINITY, 'for ever'],
])('%d seconds are %s', (seconds, expected) => {
  expect(durationText(seconds)).toBe(expected);
});
