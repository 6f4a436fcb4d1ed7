import Negotiator from 'negotiator';

/** The two text formats of an exposition. */
export const FORMATS = ['prometheus', 'openmetrics'] as const;
export type Format = (typeof FORMATS)[number];

const CONTENT_TYPES = {
  prometheus: 'text/plain; version=0.0.4; charset=utf-8',
  // As in other exporters: every name is plain ASCII, so the escaping never changes anything.
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores',
} as const satisfies Record<Format, string>;

/** The `Content-Type` of an answer in this format. */
export function contentType(format: Format): string {
  return CONTENT_TYPES[format];
}

/** Longer than any scraper's header; the time to parse one grows with its length. */
const LONGEST_ACCEPT = 1024;

/** Ways to write names that older formats cannot hold; our names never need one, so any choice is met. */
const ESCAPINGS = ['allow-utf-8', 'underscores', 'dots', 'values'];

/** Each format with all parameters that a scraper may ask for. If all are equally welcome, the first is sent. */
const OFFERS = new Map<string, Format>(
  (
    [
      ['prometheus', 'text/plain; version=0.0.4'],
      ['openmetrics', 'application/openmetrics-text; version=1.0.0'],
    ] as const
  ).flatMap(([format, type]) =>
    ESCAPINGS.map((escaping) => [`${type}; charset=utf-8; escaping=${escaping}`, format] as const),
  ),
);

/**
 * The format that an `Accept` header asks for. Only clients that name OpenMetrics get it; all others, including those
 * that ask for something unknown, get 0.0.4, which every scraper reads.
 */
export function negotiate(accept: string | undefined): Format {
  if (accept === undefined || accept.length > LONGEST_ACCEPT || !/openmetrics/i.test(accept)) return 'prometheus';
  const best = new Negotiator({ headers: { accept } }).mediaType([...OFFERS.keys()]);
  return (best === undefined ? undefined : OFFERS.get(best)) ?? 'prometheus';
}
