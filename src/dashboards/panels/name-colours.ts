import type { DynamicConfigValue, MatcherConfig } from '@grafana/grafana-foundation-sdk/dashboard';

/** The colours of lines: none that could be taken for red, orange, purple or blue. */
export const LINE = {
  green: '#73BF69',
  yellow: '#F2CC0C',
  teal: '#2FB5A3',
  lime: '#B8D94A',
  grey: '#9AA5B1',
  cyan: '#6ED0E0',
  forest: '#2E8B57',
  olive: '#9C8A1F',
} as const;

/** One for each combination of three bits. */
const COLOURS = Object.values(LINE);
const BITS = [1, 2, 4] as const;
type Bit = (typeof BITS)[number];
/** The letters and digits whose code has the bit; other characters are ignored. */
const WITH_BIT = { 1: 'acegikmoqsuwy13579', 2: 'bcfgjknorsvwz2367', 4: 'd-gl-ot-w4-7' } as const;

/** Matches a text with an even or odd number of characters that have the bit. */
function parity(bit: Bit, odd: boolean): string {
  const [some, others] = [`[${WITH_BIT[bit]}]`, `[^${WITH_BIT[bit]}]*`];
  return `(?=${odd ? others + some : ''}(?:${others}${some}${others}${some})*${others}$)`;
}

/**
 * A colour chosen by the name of a line, so that an environment has the same colour in every chart and on every board.
 * Grafana's own palette by name contains the four colours that have a meaning here, so overrides choose the colour: by
 * the exclusive or of the last three bits of the characters.
 */
export function colourOverrides(): { matcher: MatcherConfig; properties: readonly DynamicConfigValue[] }[] {
  return COLOURS.map((colour, sum) => ({
    matcher: { id: 'byRegexp', options: `/^${BITS.map((bit) => parity(bit, (sum & bit) !== 0)).join('')}/i` },
    properties: [{ id: 'color', value: { mode: 'fixed', fixedColor: colour } }],
  }));
}
