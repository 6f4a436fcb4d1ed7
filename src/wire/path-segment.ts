const SEGMENT = /^[A-Za-z0-9_-]{1,128}$/;

/** Words that name an endpoint where an id would stand: a GET of `work/poll` claims work. */
const ENDPOINTS: ReadonlySet<string> = new Set(['poll', 'stats']);

/** Whether an id may become a segment of a request path: docs/decisions/0001-the-exporter-can-only-read.md. */
export function isSafeSegment(id: string): boolean {
  return SEGMENT.test(id) && !ENDPOINTS.has(id.toLowerCase());
}
