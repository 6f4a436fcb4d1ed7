import type { ValueMapping } from '@grafana/grafana-foundation-sdk/dashboard';
import {
  MappingType,
  SpecialValueMatch,
  ThresholdsConfigBuilder,
  ThresholdsMode,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { STATUS } from '../expressions/queue-expressions.ts';

/**
 * Red, orange, purple and blue each have one meaning on all boards. Purple is reserved for "cannot be seen": neither
 * good nor bad, and not to be mistaken for an empty queue.
 */
export const COLOUR = {
  good: 'green',
  warning: 'orange',
  critical: 'red',
  unknown: 'purple',
  quiet: 'text',
  idle: 'blue',
} as const;

/** Marks of what was done, not of what is wrong. */
export const MARK = { restart: '#9AA5B1', reload: '#2FB5A3', drill: '#F2CC0C' } as const;

/** Colour steps from minus infinity upwards. */
export function steps(base: string, ...rest: readonly (readonly [from: number, colour: string])[]) {
  return new ThresholdsConfigBuilder()
    .mode(ThresholdsMode.Absolute)
    .steps([{ value: null, color: base }, ...rest.map(([value, color]) => ({ value, color }))]);
}

/** Texts for whole numbers; one without a colour takes that of its threshold. */
export function texts(options: Readonly<Record<number, readonly [text: string, colour?: string]>>): ValueMapping {
  const entries = Object.entries(options).map(([value, [text, color]], index) => [
    value,
    color === undefined ? { text, index } : { text, color, index },
  ]);
  return { type: MappingType.ValueToText, options: Object.fromEntries(entries) };
}

/** A text for all numbers from `from` to `to`, both included; null stands for no bound. */
export function textBetween(
  from: number | null,
  to: number | null,
  [text, color]: readonly [string, string],
): ValueMapping {
  return { type: MappingType.RangeToText, options: { from, to, result: { text, color, index: 50 } } };
}

/** What a panel says when the expression returned nothing: absence must not look like health. */
export function whenAbsent(text: string, colour: string = COLOUR.unknown): ValueMapping {
  return {
    type: MappingType.SpecialValue,
    options: { match: SpecialValueMatch.NullAndNan, result: { text, color: colour, index: 99 } },
  };
}

const WORDS = {
  [STATUS.notVisible]: ['not visible', COLOUR.unknown],
  [STATUS.noWorkers]: ['no workers', COLOUR.critical],
  [STATUS.critical]: ['critical', COLOUR.critical],
  [STATUS.warning]: ['warning', COLOUR.warning],
  [STATUS.moving]: ['ok', COLOUR.good],
  [STATUS.empty]: ['empty', COLOUR.idle],
} as const;

export const STATUS_TEXTS = texts(WORDS);

/** The same for a status with a fraction, of less than a half. */
export const RANKED_STATUS_TEXTS = Object.entries(WORDS).map(([code, words]) =>
  textBetween(Number(code), Number(code) + 0.5, words),
);
