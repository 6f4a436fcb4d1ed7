import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { Secret } from '../../base/secret.ts';
import type { JudgedCredential } from '../../client/client-observer.ts';
import type { ApiOperation } from '../../domain/environment.ts';
import type { CredentialKind } from '../../domain/failure.ts';
import type { SharedLines } from '../../poller/shared-lines.ts';

/** Whether the API refuses a key of a connection; null if that is unknown or the key was removed. */
export interface VerdictChange {
  readonly connection: string;
  readonly kind: CredentialKind;
  /** Null for the API key. */
  readonly environmentId: string | null;
  readonly refused: boolean | null;
  /** When it was last known. */
  readonly before: boolean | null;
  /** The kinds of read that it is refused for. */
  readonly operations: readonly ApiOperation[];
}

interface Refusal {
  readonly operation: ApiOperation;
  readonly environmentId: string | null;
  readonly at: number;
}

interface KeyRecord {
  readonly connection: string;
  readonly kind: CredentialKind;
  readonly environmentId: string | null;
  secret: Secret | null;
  accepted: boolean;
  /** By read: what is read, and of which environment. */
  readonly refusals: Map<string, Refusal>;
  /** The last verdict that was reported; null: unknown. */
  reported: boolean | null;
  /** The last verdict that was not null. */
  lastKnown: boolean | null;
}

/** Requested only when needed: that none was requested lately does not confirm a refusal. */
const ON_DEMAND: ReadonlySet<ApiOperation> = new Set(['retrieve', 'session']);
/** A refused key that is still needed is tried again within ten minutes: docs/design/providers.md#which-key-is-used. */
const FORGET_MS = 15 * 60_000;

/**
 * Which keys the API refuses. A key may be good for one kind of read or for one environment, and refused for another: it
 * counts as refused while any read that needs it is, so that the answer does not depend on which read came last.
 */
export class CredentialVerdicts {
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #changed: (change: VerdictChange) => void;
  /** By connection, and by environment: null is the API key. */
  readonly #connections = new Map<string, Map<string | null, KeyRecord>>();

  constructor(clock: Pick<Clock, 'monotonic'>, changed: (change: VerdictChange) => void) {
    this.#clock = clock;
    this.#changed = changed;
  }

  judged({ connection, credential, environmentId, operation, secret, accepted, ...event }: JudgedCredential): void {
    const record = this.#record(connection, credential, environmentId);
    if (!secret.equals(record.secret)) forget(record);
    record.secret = secret;
    const read = `${operation} ${environmentId ?? ''}`;
    if (accepted === false) record.refusals.set(read, { operation, environmentId, at: this.#clock.monotonic() });
    else if (accepted || event.isNotFound) record.refusals.delete(read);
    if (accepted) {
      record.accepted = true;
      // The same read can only be made with the API key and with the key of its environment.
      const other = this.#connections.get(connection)?.get(record.environmentId === null ? environmentId : null);
      // Nobody needs the other one for this read any more.
      if (event.isFirst) other?.refusals.delete(read);
      if (other !== undefined) this.#report(other);
    }
    this.#report(record);
  }

  /** The keys of a connection that the API refuses now: `api_key`, or the id of the environment. */
  refusedKeys(connection: string): readonly string[] {
    const records = [...(this.#connections.get(connection)?.values() ?? [])];
    return records.flatMap(({ environmentId, reported }) => (reported === true ? (environmentId ?? 'api_key') : []));
  }

  /** The environment is not watched any more: its key is gone, and so is what other keys were refused for in it. */
  environmentLeft(connection: string, environmentId: string): void {
    this.keyRemoved(connection, environmentId);
    this.#forgetRefusals(connection, (refusal) => refusal.environmentId === environmentId);
  }

  /** Nobody asks any more which environments there are. */
  discoveryStopped(connection: string): void {
    this.#forgetRefusals(connection, ({ operation }) => operation === 'environments');
  }

  /** @param environmentId null for the API key */
  keyRemoved(connection: string, environmentId: string | null): void {
    const keys = this.#connections.get(connection);
    const record = keys?.get(environmentId);
    if (record === undefined) return;
    keys?.delete(environmentId);
    forget(record);
    this.#report(record);
  }

  connectionRemoved(connection: string): void {
    for (const id of [...(this.#connections.get(connection)?.keys() ?? [])]) this.keyRemoved(connection, id);
    this.#connections.delete(connection);
  }

  #record(connection: string, kind: CredentialKind, ofRead: string | null): KeyRecord {
    const environmentId = kind === 'api_key' ? null : ofRead;
    const keys = this.#connections.get(connection) ?? new Map<string | null, KeyRecord>();
    this.#connections.set(connection, keys);
    const unknown = { secret: null, accepted: false, refusals: new Map(), reported: null, lastKnown: null };
    const record = keys.get(environmentId) ?? { connection, kind, environmentId, ...unknown };
    keys.set(environmentId, record);
    return record;
  }

  #forgetRefusals(connection: string, matches: (refusal: Refusal) => boolean): void {
    for (const record of this.#connections.get(connection)?.values() ?? []) {
      for (const [read, refusal] of record.refusals) if (matches(refusal)) record.refusals.delete(read);
      this.#report(record);
    }
  }

  #report(record: KeyRecord): void {
    const old = this.#clock.monotonic() - FORGET_MS;
    for (const [read, { operation, at }] of record.refusals)
      if (ON_DEMAND.has(operation) && at < old) record.refusals.delete(read);
    const refused = record.refusals.size > 0 ? true : record.accepted ? false : null;
    if (refused === record.reported) return;
    const { connection, kind, environmentId, lastKnown: before } = record;
    record.reported = refused;
    record.lastKnown = refused ?? before;
    const operations = [...new Set([...record.refusals.values()].map(({ operation }) => operation))];
    this.#changed({ connection, kind, environmentId, refused, before, operations });
  }
}

function forget(record: KeyRecord): void {
  record.refusals.clear();
  record.accepted = false;
}

/**
 * Logs when the API begins to refuse a key and when it accepts the key again; keys of many environments share a line. Without
 * it, a dead key would go unnoticed while another key replaces it.
 */
export function logVerdict(logger: Logger, shared: SharedLines, change: VerdictChange): void {
  const { connection, kind, environmentId, refused, before, operations } = change;
  if (refused === null || (!refused && before !== true)) return;
  const fields = { connection, credential: kind, environment_id: environmentId };
  const line = refused
    ? { event: 'credential.rejected', ...fields, operation: operations[0] }
    : { event: 'credential.accepted', ...fields };
  const message = refused ? 'the API refuses the key' : 'the API takes the key again';
  if (environmentId !== null)
    shared.add({ kind: refused ? 'rejected' : 'accepted', connection, environmentId, line, message });
  else if (refused) logger.warn(line, message);
  else logger.info(line, message);
}
