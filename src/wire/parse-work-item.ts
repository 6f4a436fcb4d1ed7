import type { EpochMs } from '../base/clock.ts';
import { WORK_STATES, WORK_TYPES, type WorkItem, type WorkState, type WorkType } from '../domain/work.ts';
import type { Drift } from './drift.ts';
import { keptMetadata, readMetadata } from './read-metadata.ts';
import { isPossibleStamp, readObject, readText, readTimestamp } from './read-value.ts';
import { WireError } from './wire-error.ts';

/** The field that changes while an item is worked on, usually without any other change. */
export const HEARTBEAT_FIELD = 'latest_heartbeat_at';

/** `secret` is listed so that it is not drift; nothing reads it. `actor` is always null and has no known meaning. */
const FIELDS = new Set([
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
  HEARTBEAT_FIELD,
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
  drift.fields('work', item, FIELDS);
  const at = path === '' ? '' : `${path}.`;
  return {
    id: readId(item.id, `${at}id`),
    type: readType(item.data, drift),
    sessionId: readSessionId(item.data),
    state: readState(item.state, drift, `${at}state`),
    metadata: keptMetadata(metadataKeys, readMetadata(item.metadata, drift)),
    createdAt: readStamp(item.created_at, `${at}created_at`, drift),
    acknowledgedAt: readStamp(item.acknowledged_at, `${at}acknowledged_at`, drift),
    startedAt: readStamp(item.started_at, `${at}started_at`, drift),
    latestHeartbeatAt: readStamp(item[HEARTBEAT_FIELD], `${at}${HEARTBEAT_FIELD}`, drift),
    stopRequestedAt: readStamp(item.stop_requested_at, `${at}stop_requested_at`, drift),
    stoppedAt: readStamp(item.stopped_at, `${at}stopped_at`, drift),
  };
}

/**
 * Whether a row has a secret. The API gives it only to the worker that polls for the item; anywhere else it must not be kept.
 */
export function holdsSecret(row: unknown): boolean {
  return typeof row === 'object' && row !== null && 'secret' in row && row.secret !== null;
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
