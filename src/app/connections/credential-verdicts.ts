import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { Secret } from '../../base/secret.ts';
import type { JudgedCredential } from '../../client/work-api.ts';
import type { ApiOperation } from '../../domain/environment.ts';
import type { SharedLines } from '../../poller/shared-lines.ts';

interface Refusal {
  readonly operation: ApiOperation;
  readonly environmentId: string | null;
  readonly at: number;
}

interface KeyRecord {
  secret: Secret;
  isAccepted: boolean;
  /** By read: what is read, and of which environment. */
  readonly refusals: Map<string, Refusal>;
  /** What was told last; null: nothing, or that it is gone. */
  told: boolean | null;
}

export interface VerdictsDeps {
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly logger: Logger;
  readonly shared: SharedLines;
  /** Whether the API refuses a key now; null: that is unknown, or the key is gone. */
  told(connection: string, key: string, refused: boolean | null): void;
}

/** What needs a refused key tries it again within ten minutes: a refusal that is older is not needed any more. */
const FORGET_MS = 15 * 60_000;

const API_KEY = 'api_key';

/**
 * Which keys the API refuses, by connection and by `api_key` or the id of an environment. A key may be good for one kind of read
 * or for one environment, and refused for another: it counts as refused while any read that needs it is, so that the answer does
 * not depend on which read came last.
 */
export class CredentialVerdicts {
  readonly #deps: VerdictsDeps;
  readonly #connections = new Map<string, Map<string, KeyRecord>>();

  constructor(deps: VerdictsDeps) {
    this.#deps = deps;
  }

  judged({ connection, credential, environmentId, operation, secret, accepted }: JudgedCredential): void {
    const keys = this.#connections.get(connection) ?? new Map<string, KeyRecord>();
    this.#connections.set(connection, keys);
    const name = credential === 'api_key' ? API_KEY : (environmentId ?? API_KEY);
    const before = keys.get(name);
    const isSame = before !== undefined && secret.equals(before.secret);
    const record = isSame ? before : { secret, isAccepted: false, refusals: new Map(), told: before?.told ?? null };
    keys.set(name, record);
    const read = `${operation} ${environmentId ?? ''}`;
    if (accepted) {
      record.isAccepted = true;
      record.refusals.delete(read);
    } else if (accepted === false)
      record.refusals.set(read, { operation, environmentId, at: this.#deps.clock.monotonic() });
    this.#tell(connection, name, record);
    // What else may read this: it may not be needed any more.
    for (const other of [API_KEY, environmentId ?? '']) this.#tell(connection, other, keys.get(other));
  }

  /** The keys of a connection that the API refuses now: `api_key`, or the id of the environment. */
  refusedKeys(connection: string): readonly string[] {
    return [...(this.#connections.get(connection) ?? [])].flatMap(([name, { told }]) => (told === true ? name : []));
  }

  /** The environment is not watched any more: its key is gone, and so is what the API key was refused for in it. */
  environmentLeft(connection: string, environmentId: string): void {
    this.keyRemoved(connection, environmentId);
    this.#forget(connection, (refusal) => refusal.environmentId === environmentId);
  }

  /** Nobody asks any more which environments there are. */
  discoveryStopped(connection: string): void {
    this.#forget(connection, ({ operation }) => operation === 'environments');
  }

  /** @param environmentId null for the API key */
  keyRemoved(connection: string, environmentId: string | null): void {
    const name = environmentId ?? API_KEY;
    const told = this.#connections.get(connection)?.get(name)?.told ?? null;
    this.#connections.get(connection)?.delete(name);
    if (told !== null) this.#deps.told(connection, name, null);
  }

  connectionRemoved(connection: string): void {
    for (const name of [...(this.#connections.get(connection)?.keys() ?? [])])
      this.keyRemoved(connection, name === API_KEY ? null : name);
  }

  #forget(connection: string, matches: (refusal: Refusal) => boolean): void {
    const record = this.#connections.get(connection)?.get(API_KEY);
    for (const [read, refusal] of record?.refusals ?? []) if (matches(refusal)) record?.refusals.delete(read);
    this.#tell(connection, API_KEY, record);
  }

  /** Tells what has changed, and logs it: without that a dead key would go unnoticed while another one replaces it. */
  #tell(connection: string, name: string, record: KeyRecord | undefined): void {
    if (record === undefined) return;
    const { clock, logger, shared, told } = this.#deps;
    const old = clock.monotonic() - FORGET_MS;
    // Environments may be listed less often.
    for (const [read, { operation, at }] of record.refusals)
      if (at < old && operation !== 'environments') record.refusals.delete(read);
    const [refusal] = record.refusals.values();
    const before = record.told;
    const refused = refusal !== undefined ? true : record.isAccepted ? false : null;
    if (refused === before) return;
    record.told = refused;
    told(connection, name, refused);
    if (!refused && before !== true) return;
    const environmentId = name === API_KEY ? null : name;
    const credential = environmentId === null ? 'api_key' : 'environment_key';
    const about = { connection, credential, ...(refused && { operation: refusal?.operation }) };
    if (environmentId !== null) {
      const fields = { ...about, environment_id: environmentId };
      shared.add(refused ? 'rejected' : 'accepted', connection, fields);
    } else if (refused) {
      const line = { event: 'credential.rejected', ...about, environment_id: null };
      logger.warn(line, 'the API refuses the key');
    } else logger.info({ event: 'credential.accepted', ...about, environment_id: null }, 'the API takes the key again');
  }
}
