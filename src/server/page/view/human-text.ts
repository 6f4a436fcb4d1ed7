import { toTenths } from '../../../base/text.ts';

const UNITS: readonly (readonly [suffix: string, seconds: number])[] = [
  ['d', 86_400],
  ['h', 3600],
  ['m', 60],
  ['s', 1],
];

/** A duration in its two largest units: `5m 12s`, `2d 3h`; tenths below ten seconds. */
export function durationText(seconds: number): string {
  if (seconds === Number.POSITIVE_INFINITY) return 'for ever';
  if (seconds < 10) return `${toTenths(seconds)}s`;
  const whole = Math.round(seconds);
  const first = UNITS.findIndex(([, size]) => whole >= size);
  let rest = whole;
  const words = UNITS.slice(first, first + 2).flatMap(([suffix, size]) => {
    const count = Math.floor(rest / size);
    rest -= count * size;
    return count === 0 ? [] : [`${count}${suffix}`];
  });
  return words.join(' ');
}

/** `text` as the start of a line. */
export function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
