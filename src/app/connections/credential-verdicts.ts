import type { Clock } from '../../base/clock.ts';
import type { Secret } from '../../base/secret.ts';
import type { JudgedCredential } from '../../client/client-observer.ts';
import type { ApiOperation } from '../../domain/environment.ts';
import type { Key, VerdictChange } from './credential-log.ts';

interface Refusal {
  readonly operation: ApiOperation;
  readonly environmentId: string | null;
  readonly at: number;
}

interface KeyRecord {
  readonly key: Key;
  secret: Secret | null;
  accepted: boolean;
  /** By read: what is read, and of which environment. */
  readonly refusals: Map<string, Refusal>;
  /** The last verdict that was reported; null: unknown. */
  reported: boolean | null;
  /** The last verdict that was not null. */
  lastKnown: boolean | null;
}

/** A refused key that is still needed is tried again within ten minutes: docs/design/providers.md#which-key-is-used. */
const FORGET_MS = 15 * 60_000;
/** Operations that are requested only when needed: that none was requested lately does not confirm a refusal. */
const ON_DEMAND: ReadonlySet<ApiOperation> = new Set(['retrieve', 'session']);

/**
 * Which keys the API refuses. A key may be good for one kind of read or for one environment, and refused for another:
 * it counts as refused while any of its reads is, so that the answer does not depend on which read came last.
 */
export class CredentialVerdicts {
  readonly #clock: Clock;
  readonly #changed: (change: VerdictChange) => void;
  readonly #connections = new Map<string, Map<string | null, KeyRecord>>();

  constructor(clock: Clock, changed: (change: VerdictChange) => void) {
    this.#clock = clock;
    this.#changed = changed;
  }

  judged({ connection, credential, environmentId, operation, secret, accepted, isNotFound }: JudgedCredential): void {
    const record = this.#record({
      connection,
      kind: credential,
      environmentId: credential === 'api_key' ? null : environmentId,
    });
    // Nearly all answers: the verdict is known, and there are no refusals that could have ended.
    const isKnown = accepted && record.reported === false && record.secret === secret;
    if (isKnown && !this.#otherRecord(record, environmentId)?.refusals.size) return;
    if (record.secret !== secret && !secret.equals(record.secret)) {
      record.refusals.clear();
      record.accepted = false;
    }
    record.secret = secret;
    const read = `${operation} ${environmentId ?? ''}`;
    const now = this.#clock.monotonic();
    if (accepted) {
      record.accepted = true;
      record.refusals.delete(read);
      this.#forgetOld(record, { read, environmentId, before: now - FORGET_MS });
    } else if (accepted === false) {
      record.refusals.set(read, { operation, environmentId, at: now });
    } else if (isNotFound && (record.refusals.get(read)?.at ?? now) < now - FORGET_MS) {
      record.refusals.delete(read);
    }
    this.#report(record);
  }

  /** The keys of a connection that the API refuses now: `api_key`, or the id of the environment. */
  refusedKeys(connection: string): readonly string[] {
    const records = [...(this.#connections.get(connection)?.values() ?? [])];
    return records.flatMap(({ key, reported }) => (reported === true ? (key.environmentId ?? 'api_key') : []));
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
    if (keys === undefined || record === undefined) return;
    keys.delete(environmentId);
    record.refusals.clear();
    record.accepted = false;
    this.#report(record);
  }

  connectionRemoved(connection: string): void {
    for (const environmentId of [...(this.#connections.get(connection)?.keys() ?? [])])
      this.keyRemoved(connection, environmentId);
    this.#connections.delete(connection);
  }

  #record(key: Key): KeyRecord {
    const keys = this.#connections.get(key.connection) ?? new Map<string | null, KeyRecord>();
    this.#connections.set(key.connection, keys);
    const known = keys.get(key.environmentId);
    if (known !== undefined) return known;
    const record: KeyRecord = {
      key,
      secret: null,
      accepted: false,
      refusals: new Map(),
      reported: null,
      lastKnown: null,
    };
    keys.set(key.environmentId, record);
    return record;
  }

  /** The same read can only be made with the API key and with the key of its environment. */
  #otherRecord({ key }: KeyRecord, environmentId: string | null): KeyRecord | undefined {
    return this.#connections.get(key.connection)?.get(key.environmentId === null ? environmentId : null);
  }

  /** Forgets refusals that are over, as the accepted read shows: the key was not tried for them any more. */
  #forgetOld(
    record: KeyRecord,
    { read, environmentId, before }: { read: string; environmentId: string | null; before: number },
  ): void {
    const other = this.#otherRecord(record, environmentId);
    for (const one of [record, other]) {
      for (const [name, { operation, at }] of one?.refusals ?? []) {
        const isOver = ON_DEMAND.has(operation) || (one === other && name === read);
        if (isOver && at < before) one!.refusals.delete(name);
      }
    }
    if (other !== undefined) this.#report(other);
  }

  #forgetRefusals(connection: string, matches: (refusal: Refusal) => boolean): void {
    for (const record of this.#connections.get(connection)?.values() ?? []) {
      for (const [read, refusal] of record.refusals) if (matches(refusal)) record.refusals.delete(read);
      this.#report(record);
    }
  }

  #report(record: KeyRecord): void {
    const refused = record.refusals.size > 0 ? true : record.accepted ? false : null;
    if (refused === record.reported) return;
    const before = record.lastKnown;
    record.reported = refused;
    record.lastKnown = refused ?? before;
    const operations = [...new Set([...record.refusals.values()].map(({ operation }) => operation))];
    this.#changed({ ...record.key, refused, before, operations });
  }
}
