import type { ApiOperation } from '../../../src/domain/environment.ts';
import type { CredentialKind, FailureReason } from '../../../src/domain/failure.ts';

/**
 * One request and its answer as the service's own text or a recording shows it, written down by hand: nothing here is
 * computed from the presets, so that a mistake in them shows.
 *
 * `{env}`, `{work}`, `{api_key}`, `{environment_key}` and `{other_environment_key}` stand for what differs between runs.
 */
export interface Exchange {
  readonly request: string;
  /** Null: the header must not be there. */
  readonly headers: Readonly<Record<string, string | null>>;
  readonly status: number;
  /** Keys that a good answer has at the least. */
  readonly keys?: readonly string[];
  /** Part of what a refusal says. */
  readonly says?: RegExp;
  /** Which source says so: docs/design/work-api.md#sources. */
  readonly evidence: string;
}

/** What the exporter sends for a read, and the service takes. */
export interface SentExchange extends Exchange {
  readonly read: ApiOperation;
  readonly credential: CredentialKind;
}

/** What the service refuses, and the exporter must not send by itself. */
export interface RefusedExchange extends Exchange {
  readonly reason: FailureReason;
}

export interface ProviderExchanges {
  /** After the address of the host. */
  readonly basePath: string;
  readonly workspaceId: string | null;
  readonly sent: readonly SentExchange[];
  readonly refused: readonly RefusedExchange[];
}

export const STATS_KEYS = ['type', 'depth', 'pending', 'oldest_queued_at', 'workers_polling'];
export const PAGE_KEYS = ['data', 'next_page'];
export const WORK_KEYS = ['id', 'type', 'environment_id', 'data', 'state', 'metadata', 'created_at', 'stopped_at'];
