import type { ApiOperation } from '../domain/environment.ts';
import type { CredentialKind, FailureReason } from '../domain/failure.ts';
import type { IdleEvent, QueueStats, SessionFacts, WorkItem } from '../domain/work.ts';
import type { EnvironmentsPage } from '../wire/other-answers.ts';
import type { WorkPage } from '../wire/work.ts';

export type { EnvironmentsPage, RemoteEnvironment } from '../wire/other-answers.ts';
export type { WorkPage } from '../wire/work.ts';

export interface PageRequest {
  readonly limit: number;
  /** Null for the first page. */
  readonly page: string | null;
}

export interface CallOptions {
  /** False: a failed request is not sent again. */
  readonly retry?: boolean;
  readonly signal?: AbortSignal;
  /** How old an answer from a cache may be: the interval of the reads. If absent, no cached answer is accepted. */
  readonly maxAgeMs?: number;
}

export interface ItemOptions extends CallOptions {
  /** The only keys of an item's metadata to keep; all of them if it is absent. */
  readonly metadataKeys?: readonly string[];
}

/** What a successful call reports beside its value. */
export interface Reply<T> {
  readonly value: T;
  /** The requests that it took, including a retry. */
  readonly requests: number;
}

/** What a call asks for. */
export interface Asked {
  readonly operation: ApiOperation;
  /** Null for the list of environments. */
  readonly environmentId: string | null;
}

/**
 * The six reads of the Work API that the exporter can do: it can do nothing else. One instance serves one connection.
 *
 * Every request takes a token of the connection's budget and has a deadline. A call fails with an `ApiError` whose `failure`
 * is safe to show, or with the signal's reason if the caller aborted.
 */
export interface WorkApi {
  stats(environmentId: string, options?: CallOptions): Promise<Reply<QueueStats>>;
  listPage(environmentId: string, page: PageRequest, options?: ItemOptions): Promise<Reply<WorkPage>>;
  retrieve(environmentId: string, workId: string, options?: ItemOptions): Promise<Reply<WorkItem>>;
  /** Archived ones are among them. */
  listEnvironments(page: PageRequest, options?: CallOptions): Promise<Reply<EnvironmentsPage>>;
  /** `environmentId` is the environment that the session works for: its key may be used, and its requests count there. */
  session(environmentId: string, sessionId: string, options?: CallOptions): Promise<Reply<SessionFacts>>;
  /** The last event that says that the session is idle; null when there is none. */
  lastIdleEvent(environmentId: string, sessionId: string, options?: CallOptions): Promise<Reply<IdleEvent | null>>;
  /** The credential that the next call of this operation would use; null when none is configured. */
  credentialFor(operation: ApiOperation, environmentId: string): CredentialUse | null;
}

/** A credential in words; never the key. */
export interface CredentialUse {
  readonly kind: CredentialKind;
  /** Where it was configured, e.g. `file /run/secrets/api-key`. */
  readonly source: string;
}

/** One request that was handed to the network, told when it ends: the source of every `api_*` metric. */
export interface SentRequest extends Asked {
  readonly connection: string;
  readonly credential: CredentialKind;
  /** Null: its caller called it off. It counts as a request, but its end says nothing about the API. */
  readonly durationSeconds: number | null;
  /** Null when it succeeded or was called off. */
  readonly reason: FailureReason | null;
}
