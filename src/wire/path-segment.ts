const SEGMENT = /^[A-Za-z0-9_-]{1,128}$/;

/** Words that name an endpoint where an id would stand: a GET of `work/poll` claims work. */
const ENDPOINTS: ReadonlySet<string> = new Set(['poll', 'stats']);

/** Whether an id may become a segment of a request path: design.md, decision 1. */
export function isSafeSegment(id: string): boolean {
  return SEGMENT.test(id) && !ENDPOINTS.has(id.toLowerCase());
}
