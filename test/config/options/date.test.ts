import { expect, it } from 'vitest';
import { date } from '../../../src/config/options/address-types.ts';
import { parseTimestamp } from '../../../src/wire/read.ts';

/** What an option of this type makes of a text; null: it is refused. */
const read = (text: string) => date.schema.safeParse(text).data ?? null;

it('takes every day that there is, and no other', () => {
  const years = ['0000', '1900', '2000', '2026', '2027', '2028', '2100', '2400', '9999'];
  const numbers = Array.from({ length: 34 }, (_, number) => String(number).padStart(2, '0'));
  const days = years.flatMap((year) => numbers.flatMap((month) => numbers.map((day) => `${year}-${month}-${day}`)));
  const wrong = days.filter((day) => read(day) !== parseTimestamp(`${day}T00:00:00Z`));
  expect(wrong).toEqual([]);
  expect(days.filter((day) => read(day) !== null)).toHaveLength(9 * 365 + 4);
});

it('takes every time of a day, and no other', () => {
  const numbers = ['00', '01', '09', '10', '19', '20', '23', '24', '29', '30', '59', '60', '61', '99', '1', ''];
  const times = ['Z', '+02:00', '-23:59', '+24:00', '+02:60', '', '.5Z', '.Z', '.123456789Z', 'z'].flatMap((end) =>
    numbers.flatMap((number) => [`${number}:30:30${end}`, `10:${number}:30${end}`, `10:30:${number}${end}`]),
  );
  // RFC 3339 allows small letters; the schema of the file does not.
  const asParsed = (time: string) => (time.endsWith('z') ? null : parseTimestamp(`2027-05-01T${time}`));
  expect(times.filter((time) => read(`2027-05-01T${time}`) !== asParsed(time))).toEqual([]);
  expect(read('2027-05-01T10:30:30.5+02:00')).toBe(Date.UTC(2027, 4, 1, 8, 30, 30, 500));
});
