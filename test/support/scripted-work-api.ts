import { ApiError } from '../../src/client/failures.ts';
import type {
  CallOptions,
  CredentialUse,
  EnvironmentsPage,
  PageRequest,
  RemoteEnvironment,
  Reply,
  WorkApi,
  WorkPage,
} from '../../src/client/work-api.ts';
import type { ApiOperation } from '../../src/domain/environment.ts';
import type { Failure, FailureReason } from '../../src/domain/failure.ts';
import type { IdleEvent, QueueStats, SessionFacts, WorkItem } from '../../src/domain/work.ts';

/** An empty queue with one idle worker. */
export const IDLE: QueueStats = { depth: 0, pending: 0, oldestQueuedAt: null, workersPolling: 1 };

/** A session that does something. */
export const RUNNING: SessionFacts = { status: 'running', updatedAt: null };

export interface Call {
  readonly operation: ApiOperation;
  readonly environmentId: string | null;
  readonly page: PageRequest | null;
  readonly options: CallOptions;
}

type Answer<T> = (environmentId: string, page: PageRequest, options: CallOptions) => T | Promise<T>;

/** A `WorkApi` whose answers a test sets, and which remembers what it was asked. Thrown errors pass through. */
export class ScriptedWorkApi implements WorkApi {
  readonly calls: Call[] = [];
  onStats: Answer<QueueStats> = () => IDLE;
  onListPage: Answer<WorkPage> = () => ({ items: [], nextPage: null });
  onRetrieve: (environmentId: string, workId: string) => WorkItem | Promise<WorkItem> = () => {
    throw new Error('no answer set for retrieve');
  };
  onSession: (sessionId: string) => SessionFacts | Promise<SessionFacts> = () => RUNNING;
  onIdleEvent: (sessionId: string) => IdleEvent | null | Promise<IdleEvent | null> = () => null;
  onEnvironments: (page: PageRequest) => EnvironmentsPage | Promise<EnvironmentsPage> = () => environmentsPage([]);

  async stats(environmentId: string, options: CallOptions = {}): Promise<Reply<QueueStats>> {
    this.calls.push({ operation: 'stats', environmentId, page: null, options });
    return reply(await this.onStats(environmentId, { limit: 0, page: null }, options));
  }

  async listPage(environmentId: string, page: PageRequest, options: CallOptions = {}): Promise<Reply<WorkPage>> {
    this.calls.push({ operation: 'list', environmentId, page, options });
    return reply(await this.onListPage(environmentId, page, options));
  }

  async retrieve(environmentId: string, workId: string, options: CallOptions = {}): Promise<Reply<WorkItem>> {
    this.calls.push({ operation: 'retrieve', environmentId, page: null, options });
    return reply(await this.onRetrieve(environmentId, workId));
  }

  async listEnvironments(page: PageRequest, options: CallOptions = {}): Promise<Reply<EnvironmentsPage>> {
    this.calls.push({ operation: 'environments', environmentId: null, page, options });
    return reply(await this.onEnvironments(page));
  }

  async session(environmentId: string, sessionId: string, options: CallOptions = {}): Promise<Reply<SessionFacts>> {
    this.calls.push({ operation: 'session', environmentId, page: null, options });
    return reply(await this.onSession(sessionId));
  }

  async lastIdleEvent(environmentId: string, sessionId: string, options: CallOptions = {}) {
    this.calls.push({ operation: 'session', environmentId, page: null, options });
    return reply(await this.onIdleEvent(sessionId));
  }

  credentialFor(_operation: ApiOperation): CredentialUse | null {
    return { kind: 'api_key', source: 'the test' };
  }

  /** How often an operation was asked, for one environment or for all. */
  count(operation: ApiOperation, environmentId?: string): number {
    return this.calls.filter(
      (call) => call.operation === operation && (environmentId === undefined || call.environmentId === environmentId),
    ).length;
  }
}

export function environmentsPage(
  environments: readonly RemoteEnvironment[],
  nextPage: string | null = null,
  skipped: readonly string[] = [],
) {
  return { environments, skipped, nextPage };
}

function reply<T>(value: T): Reply<T> {
  return { value, requests: 1 };
}

/** A promise to be settled by the test, for reads that hang. */
export function deferred<T>() {
  return Promise.withResolvers<T>();
}

export function failure(reason: FailureReason, change: Partial<Failure> = {}): Failure {
  return {
    reason,
    httpStatus: null,
    requestId: 'req_failed',
    message: `the API answered ${reason}`,
    remedy: 'do this',
    ...change,
  };
}

export function apiError(
  reason: FailureReason,
  change: Partial<Failure> & { retryAfterMs?: number; tooMuch?: boolean } = {},
): ApiError {
  const { retryAfterMs = null, tooMuch = false, ...rest } = change;
  return Object.assign(new ApiError(failure(reason, rest), { retryAfterMs, tooMuch }), { requests: 1 });
}
