import { ApiError } from '../client/failure/api-error.ts';
import { rejectsPageSize } from '../client/failure/rejected-page.ts';
import type { CallOptions, EnvironmentsPage, RemoteEnvironment, WorkApi } from '../client/work-api.ts';
import { CHAIN_BROKEN_REMEDY } from '../domain/remedies.ts';

/** Stops an API whose pages never end: 100,000 environments at 1000 a page. */
const MAX_PAGES = 100;
/** As many as stand on so many pages of the size that is asked for: a page may hold more. */
const MAX_ENVIRONMENTS = 100_000;

export interface DiscoverOptions extends CallOptions {
  /** Environments a page, and what to ask for if that is rejected. */
  readonly pageSize: number;
  readonly fallbackPageSize: number;
}

/** Everything found by one listing of a connection's environments. */
export interface DiscoveryResult {
  readonly environments: readonly RemoteEnvironment[];
  /** What is wrong with each entry that was left out. */
  readonly skipped: readonly string[];
}

/** The pages did not lead to the end of the list: they may not show everything, and what is missing may well exist. */
export class BrokenPages extends ApiError {
  constructor(what: string) {
    const message = `Reading the list of environments did not reach its end: ${what}`;
    super({ reason: 'bad_response', httpStatus: 200, requestId: null, message, remedy: CHAIN_BROKEN_REMEDY });
  }
}

/**
 * Reads the list of environments of a connection to its end, archived ones included.
 *
 * @throws BrokenPages when the end was not reached; what the port throws
 */
export async function discoverEnvironments(api: WorkApi, options: DiscoverOptions): Promise<DiscoveryResult> {
  const { pageSize, fallbackPageSize, ...call } = options;
  const found = new Map<string, RemoteEnvironment>();
  const skipped: string[] = [];
  const cursors = new Set<string>();
  let limit = pageSize;
  let page: string | null = null;
  for (let pages = 0; pages < MAX_PAGES; pages++) {
    let value: EnvironmentsPage;
    try {
      ({ value } = await api.listEnvironments({ limit, page, includeArchived: true }, call));
    } catch (error) {
      if (limit <= fallbackPageSize || !rejectsPageSize(error, page)) throw error;
      // From the start again: cursors belong to one page size.
      limit = fallbackPageSize;
      page = null;
      cursors.clear();
      skipped.length = 0;
      continue;
    }
    for (const environment of value.environments) found.set(environment.id, environment);
    for (const one of value.skipped) skipped.push(one);
    if (found.size > MAX_ENVIRONMENTS) throw new BrokenPages(`more than ${MAX_ENVIRONMENTS} environments`);
    page = value.nextPage;
    if (value.chainBroken) throw new BrokenPages('a page says that more follow, but not how to ask for them');
    if (page === null) return { environments: [...found.values()], skipped };
    if (cursors.has(page)) throw new BrokenPages('a page leads back to one that was read before');
    cursors.add(page);
  }
  throw new BrokenPages(`more than ${MAX_PAGES} pages`);
}
