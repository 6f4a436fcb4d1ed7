import type { EpochMs } from '../base/clock.ts';
import { looksLikeKey } from '../base/secret.ts';
import { beginningOf, shownText } from '../base/text.ts';
import { type IdleEvent, SESSION_STATUSES, type SessionFacts, WAIT_REASONS } from '../domain/work.ts';
import type { ProviderPreset } from './presets.ts';
import {
  type Drift,
  isObject,
  isSafeSegment,
  type JsonObject,
  parseTimestamp,
  readArray,
  readObject,
  readText,
  readTimestamp,
  WireError,
} from './read.ts';
import { type PageEnd, readPage } from './work.ts';

const ENVIRONMENT_FIELDS = new Set([
  ...['id', 'type', 'name', 'description', 'config', 'metadata', 'scope'],
  ...['created_at', 'updated_at', 'archived_at'],
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
  const { rows, end } = readPage(body, paging, drift);
  const environments: RemoteEnvironment[] = [];
  const unusable: WireError[] = [];
  for (const [index, entry] of rows.entries()) {
    const path = `data[${index}]`;
    const fault = faultOfId(entry, path);
    if (fault !== null) unusable.push(fault);
    else environments.push(parseEnvironment(entry as JsonObject, path, drift));
    if (unusable.length > MOST_UNUSABLE) throw unusable[0]!;
  }
  if (unusable.length > 0 && environments.length === 0) throw unusable[0]!;
  for (const _ of unusable) drift.value('field');
  return { environments, skipped: unusable.map(({ message }) => message), ...end };
}

/** Why no request could name an entry; null: one can. */
function faultOfId(entry: unknown, path: string): WireError | null {
  if (!isObject(entry)) return new WireError(path, 'an object', entry);
  if (typeof entry.id !== 'string') return new WireError(`${path}.id`, 'a string', entry.id);
  return isSafeSegment(entry.id) ? null : new WireError(`${path}.id`, 'an id of letters, digits, _ and -', entry.id);
}

function parseEnvironment(environment: JsonObject, path: string, drift: Drift): RemoteEnvironment {
  drift.fields('environment', environment, ENVIRONMENT_FIELDS);
  const { id, name, config, archived_at: archivedAt = null, created_at: createdAt } = environment;
  const type = readText(readObject(config, `${path}.config`).type, `${path}.config.type`);
  // A key that somebody pasted into the name must not be published.
  const shown = typeof name !== 'string' || looksLikeKey(name) ? '' : shownText(name);
  return {
    id: id as string,
    name: shown || (id as string),
    configType: beginningOf(type, LONGEST_TYPE),
    // Only whether there is a date counts, so one in an unknown notation still means archived.
    archived: archivedAt !== null,
    createdAt: parseTimestamp(createdAt),
    archivedAt: parseTimestamp(archivedAt),
  };
}

/** The type of event that says that a session is idle, and why. */
export const IDLE_EVENT = 'session.status_idle';

/**
 * One session. Two fields are read and nothing else, not even the names of the others: a session holds what people
 * wrote (docs/decisions/README.md#6-of-a-session-four-facts-are-kept-and-nothing-that-people-wrote).
 *
 * @throws WireError
 */
export function parseSession(body: unknown): SessionFacts {
  const session = readObject(body, '');
  const status = readText(session.status, 'status');
  return {
    status: SESSION_STATUSES.find((known) => known === status) ?? 'other',
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
  const reason = isObject(event.stop_reason) ? event.stop_reason.type : null;
  return {
    processedAt: readTimestamp(event.processed_at, 'data[0].processed_at'),
    reason: WAIT_REASONS.find((known) => known === reason) ?? 'other',
  };
}

/** What an error answer says about itself. The texts are the API's own, and may hold a key: they are compared, and not shown. */
export interface ErrorEnvelope {
  /** `authentication_error`, `not_found_error`, …; null where it says nothing. */
  readonly type: string | null;
  /** Its message, and the code in its details. */
  readonly text: string;
}

/** Never throws: gateways and proxies send error bodies too, and the status alone says a lot. */
export function parseErrorEnvelope(body: unknown): ErrorEnvelope {
  const { error } = isObject(body) ? body : {};
  const { type, message, details } = isObject(error) ? error : {};
  const code = isObject(details) ? details.error_code : null;
  const texts = [code, message].filter((text) => typeof text === 'string');
  return { type: typeof type === 'string' && type !== '' ? type : null, text: texts.join(' ') };
}
