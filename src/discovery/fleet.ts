import type { EpochMs } from '../base/clock.ts';
import type { Secret } from '../base/secret.ts';
import type { RemoteEnvironment } from '../client/work-api.ts';
import type { Environment } from '../domain/environment.ts';

/** One environment to watch, with the key that reads its list. */
export interface FleetMember {
  readonly environment: Environment;
  readonly environmentKey: Secret | null;
  readonly environmentKeyExpires: EpochMs | null;
}

export interface Fleet {
  /** The configured ones first, in their order; then the discovered ones. */
  readonly members: readonly FleetMember[];
  /** Discovered, but beyond `max_environments` or the budget. */
  readonly dropped: number;
  /** How many were dropped, by connection; only for connections with any. */
  readonly droppedOf: ReadonlyMap<string, number>;
  /** Connections that find only environments which are watched through another one. */
  readonly sharing: ReadonlySet<string>;
  /** How many are archived and not (or no longer) watched, by connection; only for connections with any. */
  readonly archivedOf: ReadonlyMap<string, number>;
  /** With discovery: environments that other shards watch. */
  readonly elsewhere: number;
}

export const NO_FLEET: Fleet = {
  members: [],
  dropped: 0,
  droppedOf: new Map(),
  sharing: new Set(),
  archivedOf: new Map(),
  elsewhere: 0,
};

/** What is watched now, because that influences what is watched next. */
export interface WatchedNow {
  /** Through which connection, by id. */
  readonly connections: ReadonlyMap<string, string>;
  /** Whether an archived environment must still be watched, because work may be left in it. */
  isDraining(remote: RemoteEnvironment): boolean;
}

export const NOTHING_WATCHED: WatchedNow = { connections: new Map(), isDraining: () => false };
