import type { CallOptions, RemoteEnvironment, WorkApi } from '../client/work-api.ts';

/** The API allows 1000; environments are few and change slowly, so one page is the rule. */
const PAGE_SIZE = 1000;
/** A stop for an API that never ends its pages: 100,000 environments. */
const MAX_PAGES = 100;

/** Everything that one look at a connection found. */
export interface DiscoveryResult {
  readonly environments: readonly RemoteEnvironment[];
  /** What is wrong with each entry that was left out. */
  readonly skipped: readonly string[];
}

/** Reads the list of environments of a connection to its end, archived ones included, so that they can be counted. Throws what the port throws. */
export async function discoverEnvironments(api: WorkApi, options: CallOptions = {}): Promise<DiscoveryResult> {
  const found = new Map<string, RemoteEnvironment>();
  const skipped: string[] = [];
  const cursors = new Set<string>();
  let page: string | null = null;
  for (let pages = 0; pages < MAX_PAGES; pages++) {
    const { value } = await api.listEnvironments({ limit: PAGE_SIZE, page, includeArchived: true }, options);
    for (const environment of value.environments) found.set(environment.id, environment);
    skipped.push(...value.skipped);
    page = value.nextPage;
    if (page === null || cursors.has(page)) break;
    cursors.add(page);
  }
  return { environments: [...found.values()], skipped };
}
