import type { EpochMs } from '../base/clock.ts';
import { looksLikeKey } from '../base/key-shape.ts';
import { beginningOf, shownText } from '../base/text.ts';
import {
  type IdleEvent,
  SESSION_STATUSES,
  type SessionFacts,
  type SessionStatus,
  WAIT_REASONS,
  type WaitReason,
} from '../domain/work.ts';
import type { ProviderPreset } from './presets.ts';
import {
  type Drift,
  isSafeSegment,
  parseTimestamp,
  readArray,
  readObject,
  readText,
  readTimestamp,
  WireError,
} from './read.ts';
import { PAGE_FIELDS, type PageEnd, readPageEnd } from './work.ts';

const ENVIRONMENT_FIELDS = new Set([
  'id',
  'type',
  'name',
  'description',
  'config',
  'metadata',
  'created_at',
  'updated_at',
  'archived_at',
  'scope',
]);

/** As many entries as a page is asked for at most. Each that is left out takes memory, too. */
const MOST_UNUSABLE = 1000;
/** Nobody needs more of the word for a type that this version does not know. */
const LONGEST_TYPE = 128;

/** An environment as the API describes it. */
export interface RemoteEnvironment {
  readonly id: string;
  readonly name: string;
  /** `self_hosted`, `cloud` or a word this version does not know. */
  readonly configType: string;
  readonly archived: boolean;
  /** Null or absent if the API gives none, or one in an unknown notation. */
  readonly createdAt?: EpochMs | null;
  readonly archivedAt?: EpochMs | null;
}

export interface EnvironmentsPage extends PageEnd {
  readonly environments: readonly RemoteEnvironment[];
  /** What is wrong with each entry that was left out because no request could ever name it. */
  readonly skipped: readonly string[];
}

/**
 * One page of the list of environments. An entry whose id may not stand in a path could never be read and is left out:
 * it must not hide the others. Anything else wrong rejects the whole page, because an environment that is watched must
 * not be taken for a deleted one.
 *
 * @throws WireError, also for a page without a single usable id, or with more unusable ones than a page may have entries: it
 *   is about something else
 */
export function parseEnvironmentsPage(body: unknown, paging: ProviderPreset['paging'], drift: Drift): EnvironmentsPage {
  const page = readObject(body, '');
  drift.fields('page', page, PAGE_FIELDS);
  const environments: RemoteEnvironment[] = [];
  const unusable: WireError[] = [];
  for (const [index, value] of readArray(page.data, 'data').entries()) {
    const path = `data[${index}]`;
    const id = readId(value, path);
    if (id instanceof WireError) unusable.push(id);
    else environments.push(parseEnvironment(id, { value, path, drift }));
    if (unusable.length > MOST_UNUSABLE) throw unusable[0]!;
  }
  const [first] = unusable;
  if (first !== undefined && environments.length === 0) throw first;
  for (const _ of unusable) drift.value('field');
  return { environments, skipped: unusable.map(({ message }) => message), ...readPageEnd(page, paging) };
}

function readId(value: unknown, path: string): string | WireError {
  try {
    const id = readText(readObject(value, path).id, `${path}.id`);
    return isSafeSegment(id) ? id : new WireError(`${path}.id`, 'an id of letters, digits, _ and -', id);
  } catch (error) {
    if (error instanceof WireError) return error;
    throw error;
  }
}

function parseEnvironment(
  id: string,
  { value, path, drift }: { readonly value: unknown; readonly path: string; readonly drift: Drift },
): RemoteEnvironment {
  const environment = readObject(value, path);
  drift.fields('environment', environment, ENVIRONMENT_FIELDS);
  return {
    id,
    name: nameOf(environment.name) || id,
    configType: beginningOf(
      readText(readObject(environment.config, `${path}.config`).type, `${path}.config.type`),
      LONGEST_TYPE,
    ),
    // Only whether there is a date counts, so one in an unknown notation still means archived.
    archived: environment.archived_at !== null && environment.archived_at !== undefined,
    createdAt: instantOf(environment.created_at),
    archivedAt: instantOf(environment.archived_at),
  };
}

/** A key that somebody pasted into the name must not be published. */
function nameOf(name: unknown): string {
  return typeof name !== 'string' || looksLikeKey(name) ? '' : shownText(name);
}

function instantOf(value: unknown): EpochMs | null {
  return typeof value === 'string' ? parseTimestamp(value) : null;
}

/** The type of event that says that a session is idle, and why. */
export const IDLE_EVENT = 'session.status_idle';

const STATUSES: ReadonlySet<string> = new Set(SESSION_STATUSES);
const REASONS: ReadonlySet<string> = new Set(WAIT_REASONS);

/**
 * One session. Two fields are read and nothing else, not even the names of the others: a session holds what people
 * wrote (docs/decisions/README.md#6-of-a-session-four-facts-are-read-and-nothing-that-people-wrote).
 *
 * @throws WireError
 */
export function parseSession(body: unknown): SessionFacts {
  const session = readObject(body, '');
  const status = readText(session.status, 'status');
  return {
    status: STATUSES.has(status) ? (status as SessionStatus) : 'other',
    updatedAt: readTimestamp(session.updated_at, 'updated_at'),
  };
}

/**
 * The first event of a page if it says that the session is idle; otherwise null. A service that ignores the filter
 * answers with events of any type, and nothing is read of those.
 *
 * @throws WireError
 */
export function parseIdleEvent(body: unknown): IdleEvent | null {
  const [first] = readArray(readObject(body, '').data, 'data');
  if (first === undefined) return null;
  const event = readObject(first, 'data[0]');
  if (event.type !== IDLE_EVENT) return null;
  return {
    processedAt: readTimestamp(event.processed_at, 'data[0].processed_at'),
    reason: readReason(event.stop_reason),
  };
}

function readReason(stopReason: unknown): WaitReason {
  const type = typeof stopReason === 'object' && stopReason !== null && 'type' in stopReason ? stopReason.type : null;
  return typeof type === 'string' && REASONS.has(type) ? (type as WaitReason) : 'other';
}

/**
 * What an error answer says about itself; null where it says nothing. The texts are the API's own, of any length, and
 * may hold a key: they are compared, and not shown.
 */
export interface ErrorEnvelope {
  /** `authentication_error`, `not_found_error`, … */
  readonly type: string | null;
  readonly message: string | null;
  /** `error.details.error_code`, more specific than the type. */
  readonly errorCode: string | null;
}

export const NO_ENVELOPE: ErrorEnvelope = { type: null, message: null, errorCode: null };

/** Never throws: gateways and proxies send error bodies too, and the status alone says a lot. */
export function parseErrorEnvelope(body: unknown): ErrorEnvelope {
  const error = asRecord(asRecord(body).error);
  return {
    type: asText(error.type),
    message: asText(error.message),
    errorCode: asText(asRecord(error.details).error_code),
  };
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function asText(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
