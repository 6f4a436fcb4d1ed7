import Negotiator from 'negotiator';

/** The two text formats of an exposition. */
export const FORMATS = ['prometheus', 'openmetrics'] as const;
export type Format = (typeof FORMATS)[number];

/** If both are equally welcome, the first is sent. */
const TYPES = {
  'text/plain; version=0.0.4; charset=utf-8': 'prometheus',
  'application/openmetrics-text; version=1.0.0; charset=utf-8': 'openmetrics',
} as const;

/** How a scraper wants names escaped that older formats cannot hold; ours are plain ASCII, so any wish is met. */
const ESCAPING = /;\s*escaping=[\w-]+/gi;

/** Longer than any scraper's header; the time to parse one grows with its length. */
const LONGEST_ACCEPT = 1024;

/** The `Content-Type` of an answer in this format. */
export function contentType(format: Format): string {
  const [prometheus, openmetrics] = Object.keys(TYPES);
  // As in other exporters.
  return format === 'prometheus' ? prometheus! : `${openmetrics}; escaping=underscores`;
}

/**
 * The format that an `Accept` header asks for. Only clients that name OpenMetrics get it; all others, including those
 * that ask for something unknown, get 0.0.4, which every scraper reads.
 */
export function negotiate(accept: string | undefined): Format {
  if (accept === undefined || accept.length > LONGEST_ACCEPT || !/openmetrics/i.test(accept)) return 'prometheus';
  const best = new Negotiator({ headers: { accept: accept.replaceAll(ESCAPING, '') } }).mediaType(Object.keys(TYPES));
  return best === undefined ? 'prometheus' : TYPES[best as keyof typeof TYPES];
}
