import Negotiator from 'negotiator';

/** The two text formats of an exposition. */
export const FORMATS = ['prometheus', 'openmetrics'] as const;
export type Format = (typeof FORMATS)[number];

const CONTENT_TYPES = {
  prometheus: 'text/plain; version=0.0.4; charset=utf-8',
  // As other exporters say it: every name is plain, so underscores escape nothing.
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores',
} as const satisfies Record<Format, string>;

/** The `Content-Type` of an answer in that format. */
export function contentType(format: Format): string {
  return CONTENT_TYPES[format];
}

/** Longer than what any scraper sends; the time to read one grows with its length. */
const LONGEST_ACCEPT = 1024;

/** How names that older formats cannot hold may be written; ours need none of it, so any wish is met. */
const ESCAPINGS = ['allow-utf-8', 'underscores', 'dots', 'values'];

/** Each format under all parameters that a scraper may ask for. The first is sent when all are as welcome. */
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
 * The format that an `Accept` header asks for. OpenMetrics is only sent to those who name it; everyone else, and who
 * asks for something that we do not write, gets 0.0.4, which everything reads.
 */
export function negotiate(accept: string | undefined): Format {
  if (accept === undefined || accept.length > LONGEST_ACCEPT || !/openmetrics/i.test(accept)) return 'prometheus';
  const best = new Negotiator({ headers: { accept } }).mediaType([...OFFERS.keys()]);
  return (best === undefined ? undefined : OFFERS.get(best)) ?? 'prometheus';
}
