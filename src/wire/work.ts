import type { EpochMs } from '../base/clock.ts';
import { beginningOf } from '../base/text.ts';
import {
  type QueueStats,
  WORK_STATES,
  WORK_TYPES,
  type WorkItem,
  type WorkState,
  type WorkType,
} from '../domain/work.ts';
import type { ProviderPreset } from './presets.ts';
import {
  type Drift,
  isPossibleStamp,
  type JsonObject,
  readArray,
  readCount,
  readObject,
  readText,
  readTimestamp,
  usableTimestamp,
  WireError,
} from './read.ts';

const STATS_FIELDS = new Set(['type', 'depth', 'pending', 'oldest_queued_at', 'workers_polling']);

/**
 * The answer of `work/stats`. A null stays null: the API does not know, which is not 0. A stamp of the oldest item that
 * cannot be read becomes null too, because the other three numbers are right without it. That counts as drift, and so
 * does a missing stamp while work waits.
 *
 * @throws WireError
 */
export function parseStats(body: unknown, drift: Drift): QueueStats {
  const stats = readObject(body, '');
  drift.fields('stats', stats, STATS_FIELDS);
  const workers = stats.workers_polling;
  const depth = readCount(stats.depth, 'depth');
  const pending = readCount(stats.pending, 'pending');
  const oldestQueuedAt = usableTimestamp(stats.oldest_queued_at);
  const given = stats.oldest_queued_at !== null && stats.oldest_queued_at !== undefined;
  if (oldestQueuedAt === null && (given || depth + pending > 0)) drift.value('field');
  return {
    depth,
    pending,
    oldestQueuedAt,
    workersPolling: workers === null || workers === undefined ? null : readCount(workers, 'workers_polling'),
  };
}

/** `secret` is listed so that it is not drift; nothing reads it. `actor` is always null and has no known meaning. */
const ITEM_FIELDS = new Set([
  'id',
  'type',
  'environment_id',
  'data',
  'state',
  'metadata',
  'secret',
  'actor',
  'created_at',
  'acknowledged_at',
  'started_at',
  'latest_heartbeat_at',
  'stop_requested_at',
  'stopped_at',
]);

const STATES: ReadonlySet<string> = new Set(WORK_STATES);
const TYPES: ReadonlySet<string> = new Set(WORK_TYPES);

/**
 * One work item: from a list or page, or as an answer by itself.
 *
 * @param path where the item is in the body, for errors
 * @param metadataKeys the only keys of its metadata to keep; null: all
 * @throws WireError when a field that is used has a value it cannot have
 */
export function parseWorkItem(
  body: unknown,
  drift: Drift,
  path = '',
  metadataKeys: readonly string[] | null = null,
): WorkItem {
  const item = readObject(body, path);
  drift.fields('work', item, ITEM_FIELDS);
  const at = path === '' ? '' : `${path}.`;
  return {
    id: readId(item.id, `${at}id`),
    type: readType(item.data, drift),
    sessionId: readSessionId(item.data),
    state: readState(item.state, drift, `${at}state`),
    metadata: readMetadata(item.metadata, metadataKeys, drift),
    createdAt: readStamp(item.created_at, `${at}created_at`, drift),
    acknowledgedAt: readStamp(item.acknowledged_at, `${at}acknowledged_at`, drift),
    startedAt: readStamp(item.started_at, `${at}started_at`, drift),
    latestHeartbeatAt: readStamp(item.latest_heartbeat_at, `${at}latest_heartbeat_at`, drift),
    stopRequestedAt: readStamp(item.stop_requested_at, `${at}stop_requested_at`, drift),
    stoppedAt: readStamp(item.stopped_at, `${at}stopped_at`, drift),
  };
}

/** An impossible date counts as missing: an age or a duration measured from it would be absurd. */
function readStamp(value: unknown, path: string, drift: Drift): EpochMs | null {
  const at = readTimestamp(value, path);
  if (at === null || isPossibleStamp(at)) return at;
  drift.value('field');
  return null;
}

/** Ids are kept while the item is followed, and shown to people. */
const LONGEST_ID = 256;

function readId(value: unknown, path: string): string {
  const id = readText(value, path);
  if (id.length > LONGEST_ID) throw new WireError(path, `an id of at most ${LONGEST_ID} characters`, id);
  return id;
}

/** An unknown state does not fail the read. But a row without a state is no work item: it is from another kind of list. */
function readState(value: unknown, drift: Drift, path: string): WorkState {
  if (value === undefined) throw new WireError(path, 'a state', value);
  if (typeof value === 'string' && value !== 'other' && STATES.has(value)) return value as WorkState;
  drift.value('state');
  return 'other';
}

/** The kind of work is `data.type`; the item's own `type` is always `work`. */
function readType(data: unknown, drift: Drift): WorkType {
  const type = typeof data === 'object' && data !== null && 'type' in data ? data.type : null;
  if (typeof type === 'string' && type !== 'other' && TYPES.has(type)) return type as WorkType;
  drift.value('work_type');
  return 'other';
}

/** Only used to recognize an item whose own id has changed, so anything but an id counts as missing. */
function readSessionId(data: unknown): string | null {
  const id = typeof data === 'object' && data !== null && 'id' in data ? data.id : null;
  return typeof id === 'string' && id.length <= LONGEST_ID ? id : null;
}

/** The rest of a longer value is dropped: a label shows 128 characters of the first 512, and a page may have megabytes. */
const LONGEST_VALUE = 512;

const NO_METADATA: Readonly<Record<string, string>> = Object.freeze({});

/**
 * Metadata is only shown to people and used for labels, so anything but a map of texts counts as drift and fails no read;
 * numbers and booleans have one obvious text, null is a removed key. What is never shown is not kept: metadata is the
 * largest part of most items.
 */
function readMetadata(value: unknown, keys: readonly string[] | null, drift: Drift): WorkItem['metadata'] {
  if (value === null || value === undefined) return NO_METADATA;
  let isOdd = typeof value !== 'object' || Array.isArray(value);
  const kept: [string, string][] = [];
  for (const [key, member] of isOdd ? [] : Object.entries(value)) {
    if (typeof member === 'object') isOdd ||= member !== null;
    else if (keys === null) kept.push([key, String(member)]);
    else if (keys.includes(key)) kept.push([key, beginningOf(String(member), LONGEST_VALUE)]);
  }
  if (isOdd) drift.value('field');
  return kept.length === 0 ? NO_METADATA : Object.fromEntries(kept);
}

/** The fields of any page. `first_id`, `last_id` and `has_more` are Qoder's. */
export const PAGE_FIELDS: ReadonlySet<string> = new Set(['data', 'next_page', 'has_more', 'first_id', 'last_id']);

/** One page of an environment's list, in the order of the API. */
export interface WorkPage extends PageEnd {
  readonly items: readonly WorkItem[];
}

/** Where a page was asked for, and how to read it. */
export interface WorkPageContext {
  readonly paging: ProviderPreset['paging'];
  readonly drift: Drift;
  /** Items that name another environment are left out and count as drift. */
  readonly environmentId: string;
  /** The only keys of an item's metadata to keep; all of them if it is absent. */
  readonly metadataKeys?: readonly string[] | undefined;
}

/** @throws WireError, also for a page on which every item is another environment's: it answers something else */
export function parseWorkPage(body: unknown, context: WorkPageContext): WorkPage {
  const page = readObject(body, '');
  context.drift.fields('page', page, PAGE_FIELDS);
  const rows = readArray(page.data, 'data');
  const items = rows.map((row, index) => parseRow(row, index, context)).filter((item) => item !== null);
  if (items.length === 0 && rows.length > 0) throw new WireError('data', OF_THIS_ENVIRONMENT, rows);
  return { items, ...readPageEnd(page, context.paging) };
}

function parseRow(
  row: unknown,
  index: number,
  { drift, environmentId, metadataKeys }: WorkPageContext,
): WorkItem | null {
  const item = parseWorkItem(row, drift, `data[${index}]`, metadataKeys);
  if (isOf(environmentId, row)) return item;
  drift.value('field');
  return null;
}

/** One item that was asked for by its id. @throws WireError, also for an item of another environment */
export function parseSingleItem(
  body: unknown,
  { drift, environmentId, metadataKeys }: Omit<WorkPageContext, 'paging'>,
): WorkItem {
  const item = parseWorkItem(body, drift, '', metadataKeys);
  if (!isOf(environmentId, body)) throw new WireError('', 'an item of the environment that was asked for', body);
  return item;
}

const OF_THIS_ENVIRONMENT = 'items of the environment that was asked for';

/** Not every service says which environment an item belongs to. */
function isOf(environmentId: string, row: unknown): boolean {
  const { environment_id: told } = row as { readonly environment_id?: unknown };
  return told === undefined || told === null || told === environmentId;
}

/** Marks a cursor that is the id of a page's last item; it is sent as `after_id` instead of `page`. */
const AFTER_ID = 'after_id:';

/** Longer than any real cursor, yet short enough that every server accepts a request line that contains it. */
const LONGEST_CURSOR = 4096;

/** What a page says about the next one. */
export interface PageEnd {
  /** The cursor of the next page; null when there is none, or none that can be asked for. */
  readonly nextPage: string | null;
  /** Only set if the page says that more follow, but not how to ask for them. Then the list was not read to its end. */
  readonly chainBroken?: true;
}

const LAST: PageEnd = { nextPage: null };
const BROKEN: PageEnd = { nextPage: null, chainBroken: true };

/**
 * Whether the list goes on, and how to ask for the next page. A cursor wins, whatever `has_more` says.
 *
 * @throws WireError for a `next_page` that is neither text nor null
 */
export function readPageEnd(body: JsonObject, paging: ProviderPreset['paging']): PageEnd {
  const { next_page: next, has_more: hasMore, last_id: lastId } = body;
  if (next !== null && next !== undefined && next !== '') {
    if (typeof next === 'string' && next.length <= LONGEST_CURSOR) return { nextPage: next };
    throw new WireError('next_page', 'a cursor or null', next);
  }
  if (hasMore === undefined || hasMore === null || hasMore === false) return LAST;
  const isId = typeof lastId === 'string' && lastId !== '' && lastId.length <= LONGEST_CURSOR;
  return paging === 'cursor-or-last-id' && isId ? { nextPage: AFTER_ID + lastId } : BROKEN;
}

/** The query parameter for a cursor of `readPageEnd`. */
export function cursorParameter(
  cursor: string,
  paging: ProviderPreset['paging'],
): readonly [name: string, value: string] {
  const isId = paging === 'cursor-or-last-id' && cursor.startsWith(AFTER_ID);
  return isId ? ['after_id', cursor.slice(AFTER_ID.length)] : ['page', cursor];
}
