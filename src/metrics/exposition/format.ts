/** The two text formats of an exposition. */
export const FORMATS = ['prometheus', 'openmetrics'] as const;
export type Format = (typeof FORMATS)[number];

const CONTENT_TYPES = {
  prometheus: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
} as const satisfies Record<Format, string>;

/** The `Content-Type` of an answer in that format. */
export function contentType(format: Format): string {
  return CONTENT_TYPES[format];
}

interface Offer {
  readonly type: string;
  readonly version: string | undefined;
  readonly quality: number;
}

/**
 * The format that an `Accept` header asks for. OpenMetrics is only sent to those who name it, in the version we write
 * or without one, at least as gladly as plain text; everyone else gets 0.0.4, which everything reads.
 */
export function negotiate(accept: string | undefined): Format {
  const offers = (accept ?? '').split(',').map(parseOffer);
  const openMetrics = best(offers, ({ type, version }) => {
    return type === 'application/openmetrics-text' && (version === undefined || version === '1.0.0');
  });
  if (openMetrics === 0) return 'prometheus';
  const plain = best(offers, ({ type, version }) => {
    return type === 'text/plain' && (version === undefined || version === '0.0.4');
  });
  return openMetrics >= plain ? 'openmetrics' : 'prometheus';
}

function best(offers: readonly Offer[], matches: (offer: Offer) => boolean): number {
  return Math.max(0, ...offers.filter(matches).map(({ quality }) => quality));
}

function parseOffer(text: string): Offer {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  const parameter = (name: string) => {
    const found = parameters.find((candidate) => candidate.startsWith(`${name}=`));
    return found?.slice(name.length + 1).replaceAll('"', '');
  };
  const quality = Number(parameter('q') ?? 1);
  return { type, version: parameter('version'), quality: Number.isFinite(quality) ? quality : 0 };
}
