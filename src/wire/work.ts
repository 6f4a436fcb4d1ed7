import type { EpochMs } from '../base/clock.ts';
import { beginningOf } from '../base/text.ts';
import { type QueueStats, WORK_STATES, WORK_TYPES, type WorkItem } from '../domain/work.ts';
import type { ProviderPreset } from './presets.ts';
import {
  type Drift,
  isObject,
  isPossibleStamp,
  type JsonObject,
  parseTimestamp,
  readArray,
  readCount,
  readObject,
  readText,
  readTimestamp,
  WireError,
} from './read.ts';

const STATS_FIELDS = new Set(['type', 'depth', 'pending', 'oldest_queued_at', 'workers_polling']);

/**
 * The answer of `work/stats`. A null stays null: the API does not know, which is not 0. A stamp of the oldest item that
 * cannot be read becomes null, too, because the other numbers are right without it. That counts as drift, and so does a
 * missing stamp while work waits.
 *
 * @throws WireError
 */
export function parseStats(body: unknown, drift: Drift): QueueStats {
  const stats = readObject(body, '');
  drift.fields('stats', stats, STATS_FIELDS);
  const { oldest_queued_at: given = null, workers_polling: workers = null } = stats;
  const depth = readCount(stats.depth, 'depth');
  const pending = readCount(stats.pending, 'pending');
  const oldest = parseTimestamp(given);
  const oldestQueuedAt = oldest !== null && isPossibleStamp(oldest) ? oldest : null;
  if (oldestQueuedAt === null && (given !== null || depth + pending > 0)) drift.value('field');
  const workersPolling = workers === null ? null : readCount(workers, 'workers_polling');
  return { depth, pending, oldestQueuedAt, workersPolling };
}

/** `secret` is listed so that it is not drift; nothing reads it. `actor` is always null and has no known meaning. */
const ITEM_FIELDS = new Set([
  ...['id', 'type', 'environment_id', 'data', 'state', 'metadata', 'secret', 'actor'],
  ...['created_at', 'acknowledged_at', 'started_at', 'latest_heartbeat_at', 'stop_requested_at', 'stopped_at'],
]);

/** Ids are kept while the item is followed, and shown to people. */
const LONGEST_ID = 256;

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
  const data = isObject(item.data) ? item.data : {};
  const id = readText(item.id, `${at}id`);
  if (id.length > LONGEST_ID) throw new WireError(`${at}id`, `an id of at most ${LONGEST_ID} characters`, id);
  // A row without a state is no work item: it is from another kind of list.
  if (item.state === undefined) throw new WireError(`${at}state`, 'a state', undefined);
  /** An impossible date counts as missing: an age or a duration measured from it would be absurd. */
  const stamp = (field: string): EpochMs | null => {
    const instant = readTimestamp(item[field], `${at}${field}`);
    if (instant === null || isPossibleStamp(instant)) return instant;
    drift.value('field');
    return null;
  };
  return {
    id,
    // The item's own `type` is always `work`.
    type: knownWord(WORK_TYPES, data.type, () => drift.value('work_type')),
    // Only used to recognize an item whose own id has changed, so anything but an id counts as missing.
    sessionId: typeof data.id === 'string' && data.id.length <= LONGEST_ID ? data.id : null,
    state: knownWord(WORK_STATES, item.state, () => drift.value('state')),
    metadata: readMetadata(item.metadata, metadataKeys, drift),
    createdAt: stamp('created_at'),
    acknowledgedAt: stamp('acknowledged_at'),
    startedAt: stamp('started_at'),
    latestHeartbeatAt: stamp('latest_heartbeat_at'),
    stopRequestedAt: stamp('stop_requested_at'),
    stoppedAt: stamp('stopped_at'),
  };
}

/** A word that this version does not know fails no read. */
function knownWord<W extends string>(words: readonly W[], value: unknown, unknown: () => void): W | 'other' {
  const word = words.find((one) => one === value && one !== 'other');
  if (word === undefined) unknown();
  return word ?? 'other';
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
  let isOdd = !isObject(value);
  const kept: [string, string][] = [];
  for (const [key, member] of isOdd ? [] : Object.entries(value)) {
    if (typeof member === 'object') isOdd ||= member !== null;
    else if (keys === null) kept.push([key, String(member)]);
    else if (keys.includes(key)) kept.push([key, beginningOf(String(member), LONGEST_VALUE)]);
  }
  if (isOdd) drift.value('field');
  return kept.length === 0 ? NO_METADATA : Object.fromEntries(kept);
}

/** One page of an environment's list, in the order of the API. */
export interface WorkPage extends PageEnd {
  readonly items: readonly WorkItem[];
}

/** How to read an item. */
export interface ItemContext {
  readonly drift: Drift;
  /** Items that name another environment are left out and count as drift. */
  readonly environmentId: string;
  /** The only keys of an item's metadata to keep; all of them if it is absent. */
  readonly metadataKeys?: readonly string[] | undefined;
}

const OF_THIS_ENVIRONMENT = 'of the environment that was asked for';

/** @throws WireError, also for a page on which every item is another environment's: it answers something else */
export function parseWorkPage(
  body: unknown,
  { drift, environmentId, metadataKeys, paging }: ItemContext & Pick<ProviderPreset, 'paging'>,
): WorkPage {
  const { rows, end } = readPage(body, paging, drift);
  const items = rows.flatMap((row, index) => {
    const item = parseWorkItem(row, drift, `data[${index}]`, metadataKeys);
    if (isOf(environmentId, row)) return item;
    drift.value('field');
    return [];
  });
  if (items.length === 0 && rows.length > 0) throw new WireError('data', `items ${OF_THIS_ENVIRONMENT}`, rows);
  return { items, ...end };
}

/** One item that was asked for by its id. @throws WireError, also for an item of another environment */
export function parseSingleItem(body: unknown, { drift, environmentId, metadataKeys }: ItemContext): WorkItem {
  const item = parseWorkItem(body, drift, '', metadataKeys);
  if (!isOf(environmentId, body)) throw new WireError('', `an item ${OF_THIS_ENVIRONMENT}`, body);
  return item;
}

/** Not every service says which environment an item belongs to. */
function isOf(environmentId: string, row: unknown): boolean {
  const { environment_id: told = null } = row as JsonObject;
  return told === null || told === environmentId;
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

/** `first_id`, `last_id` and `has_more` are Qoder's. */
const PAGE_FIELDS = new Set(['data', 'next_page', 'has_more', 'first_id', 'last_id']);

/** A page of anything. @throws WireError */
export function readPage(body: unknown, paging: ProviderPreset['paging'], drift: Drift) {
  const page = readObject(body, '');
  drift.fields('page', page, PAGE_FIELDS);
  return { rows: readArray(page.data, 'data'), end: readPageEnd(page, paging) };
}

/**
 * Whether the list goes on, and how to ask for the next page. A cursor wins, whatever `has_more` says.
 *
 * @throws WireError for a `next_page` that is neither text nor null
 */
function readPageEnd(body: JsonObject, paging: ProviderPreset['paging']): PageEnd {
  const { next_page: next = null, has_more: hasMore = null, last_id: lastId } = body;
  const isCursor = (value: unknown): value is string =>
    typeof value === 'string' && value !== '' && value.length <= LONGEST_CURSOR;
  if (isCursor(next)) return { nextPage: next };
  if (next !== null && next !== '') throw new WireError('next_page', 'a cursor or null', next);
  if (hasMore === null || hasMore === false) return { nextPage: null };
  if (paging === 'cursor-or-last-id' && isCursor(lastId)) return { nextPage: AFTER_ID + lastId };
  return { nextPage: null, chainBroken: true };
}

/** The query parameter for a cursor of `readPageEnd`. */
export function cursorParameter(cursor: string, paging: ProviderPreset['paging']): readonly [string, string] {
  const isId = paging === 'cursor-or-last-id' && cursor.startsWith(AFTER_ID);
  return isId ? ['after_id', cursor.slice(AFTER_ID.length)] : ['page', cursor];
}
