/** Words that name an endpoint where an id is expected: a GET of `work/poll` claims work. */
const ENDPOINTS = ['poll', 'stats'];

/**
 * What may become a segment of a request path, above all an id: docs/decisions/0001-the-exporter-can-only-read.md. A
 * pattern in a JSON Schema has no flags, so the words are spelled for either case.
 */
export const PATH_SEGMENT = new RegExp(`^(?!(?:${ENDPOINTS.map(inEitherCase).join('|')})$)[A-Za-z0-9_-]{1,128}$`);

/** Whether an id of the API may be put into a path: it names one resource and no other endpoint. */
export function isSafeSegment(id: string): boolean {
  return PATH_SEGMENT.test(id);
}

function inEitherCase(word: string): string {
  return [...word].map((letter) => `[${letter}${letter.toUpperCase()}]`).join('');
}
