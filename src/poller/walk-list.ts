import type { EpochMs } from '../base/clock.ts';
import { ApiError } from '../client/api-error.ts';
import type { CallOptions, Reply, WorkApi } from '../client/work-api.ts';
import type { WorkItem } from '../domain/work.ts';

/** What a walk over all pages of a list brought. */
export interface ListWalk {
  /** By id; an item that moved between pages while they were read is here once. */
  readonly items: ReadonlyMap<string, WorkItem>;
  readonly pages: number;
  /** Cut by the page cap or by a cursor that came twice: items may be missing. */
  readonly truncated: boolean;
  /** The page size that the API accepted. */
  readonly pageSize: number;
}

export interface WalkLimits {
  readonly pageSize: number;
  /** Asked for when the API refuses `pageSize` with 400. */
  readonly fallbackPageSize: number;
  readonly maxPages: number;
}

/** Reads every page of a list, empty ones included, until the API says there is no next. Throws what the port throws. */
export async function walkList(
  api: WorkApi,
  environmentId: string,
  options: WalkLimits & CallOptions,
): Promise<Reply<ListWalk>> {
  const { maxPages, fallbackPageSize, signal } = options;
  const items = new Map<string, WorkItem>();
  const cursors = new Set<string>();
  let { pageSize, prepaid } = options;
  let page: string | null = null;
  for (let pages = 1; ; pages++) {
    const call: CallOptions = { ...(signal ? { signal } : {}), ...(prepaid ? { prepaid } : {}) };
    const read = await readPage(api, environmentId, { page, pageSize, fallbackPageSize, call });
    pageSize = read.pageSize;
    prepaid = false;
    for (const item of read.reply.value.items) keepLatest(items, item);
    page = read.reply.value.nextPage;
    const done = page === null;
    if (done || cursors.has(page!) || pages >= maxPages) {
      return { ...read.reply, value: { items, pages, truncated: !done, pageSize } };
    }
    cursors.add(page!);
  }
}

/** One page; a provider that refuses the page size with 400 is asked once more with the smaller one. */
async function readPage(
  api: WorkApi,
  environmentId: string,
  request: { page: string | null; pageSize: number; fallbackPageSize: number; call: CallOptions },
) {
  const { page, pageSize, fallbackPageSize, call } = request;
  try {
    return { reply: await api.listPage(environmentId, { limit: pageSize, page }, call), pageSize };
  } catch (error) {
    const refused = error instanceof ApiError && error.failure.httpStatus === 400;
    // A cursor belongs to the page size it was issued for, so only the first page may be asked again.
    if (!refused || page !== null || pageSize <= fallbackPageSize) throw error;
    const again: CallOptions = call.signal ? { signal: call.signal } : {};
    const reply = await api.listPage(environmentId, { limit: fallbackPageSize, page: null }, again);
    return { reply, pageSize: fallbackPageSize };
  }
}

/** Of two sightings of an item in one walk the one with the latest stamp counts; the later one when they are equal. */
function keepLatest(items: Map<string, WorkItem>, item: WorkItem): void {
  const known = items.get(item.id);
  if (known === undefined || latestStamp(item) >= latestStamp(known)) items.set(item.id, item);
}

function latestStamp(item: WorkItem): EpochMs {
  return Math.max(
    item.createdAt ?? 0,
    item.acknowledgedAt ?? 0,
    item.startedAt ?? 0,
    item.latestHeartbeatAt ?? 0,
    item.stopRequestedAt ?? 0,
    item.stoppedAt ?? 0,
  );
}
