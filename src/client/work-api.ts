import type { EpochMs } from '../base/clock.ts';
import type { ApiOperation } from '../domain/environment.ts';
import type { CredentialKind } from '../domain/failure.ts';
import type { IdleEvent, QueueStats, SessionFacts, WorkItem } from '../domain/work.ts';

/** One page of an environment's list, in the order of the API. */
export interface WorkPage {
  readonly items: readonly WorkItem[];
  /** Opaque; null after the last page. A page may be empty and still have a next one. */
  readonly nextPage: string | null;
  /** The page says that more follow, but not how to ask for them; `nextPage` is null then. */
  readonly chainBroken?: true;
}

/** An environment as the API describes it. */
export interface RemoteEnvironment {
  readonly id: string;
  readonly name: string;
  /** `self_hosted`, `cloud` or a word this version does not know. */
  readonly configType: string;
  readonly archived: boolean;
  /** The API's stamps; null or absent when unknown. */
  readonly createdAt?: EpochMs | null;
  readonly archivedAt?: EpochMs | null;
}

export interface EnvironmentsPage {
  readonly environments: readonly RemoteEnvironment[];
  /** What is wrong with each entry that was left out because no request could ever name it. */
  readonly skipped: readonly string[];
  readonly nextPage: string | null;
  /** As in `WorkPage`. */
  readonly chainBroken?: true;
}

export interface PageRequest {
  readonly limit: number;
  /** Null for the first page. */
  readonly page: string | null;
}

export interface EnvironmentsRequest extends PageRequest {
  /** Archived environments too; false when absent. */
  readonly includeArchived?: boolean;
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
  readonly httpStatus: number;
  readonly requestId: string | null;
  readonly credential: CredentialKind;
  /** The requests that it took, including a retry. */
  readonly requests: number;
}

/**
 * The six reads of the Work API that the exporter can do: it can do nothing else.
 *
 * One instance serves one connection. Every call takes its tokens, also for a retry, from the connection's budget and
 * has a deadline. It fails with an `ApiError` whose `failure` is safe to show, or with the signal's reason if the
 * caller aborted.
 */
export interface WorkApi {
  stats(environmentId: string, options?: CallOptions): Promise<Reply<QueueStats>>;
  listPage(environmentId: string, page: PageRequest, options?: ItemOptions): Promise<Reply<WorkPage>>;
  retrieve(environmentId: string, workId: string, options?: ItemOptions): Promise<Reply<WorkItem>>;
  listEnvironments(page: EnvironmentsRequest, options?: CallOptions): Promise<Reply<EnvironmentsPage>>;
  /**
   * `environmentId` is the environment that the session works for: its key may be used, and its requests count there.
   */
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
