import type { EpochMs } from '../../base/clock.ts';
import { API_OPERATIONS, type ApiOperation } from '../../domain/environment.ts';
import type { Format } from '../exposition/format.ts';
import { type CollectFailed, writeRegistry } from './registry-text.ts';
import { SelfRegistry } from './self-registry.ts';

export interface SelfMetricsOptions {
  readonly build: { readonly version: string; readonly revision: string; readonly nodeVersion: string };
  /** `I/N`, counted from 0. */
  readonly shard: string;
  /** False omits `process_*` and `nodejs_*`. */
  readonly processMetrics?: boolean;
  readonly onCollectFailed?: CollectFailed;
}

const UNKNOWN_KINDS = ['state', 'work_type', 'field'] as const;
type UnknownKind = (typeof UNKNOWN_KINDS)[number];

/** Everything about the exporter and the API that does not concern one environment. Methods say what happened. */
export class SelfMetrics {
  readonly #own: SelfRegistry;
  /** By connection, until the next scrape: prom-client takes as long for each addition as for their sum. */
  readonly #requestsSent = new Map<string, number>();
  readonly #onCollectFailed: CollectFailed;

  constructor({ build, shard, processMetrics = true, onCollectFailed = () => {} }: SelfMetricsOptions) {
    this.#own = new SelfRegistry({ processMetrics });
    this.#onCollectFailed = onCollectFailed;
    const { version, revision, nodeVersion } = build;
    this.#own.set('anthropic_work_exporter_build_info', { version, revision, node_version: nodeVersion }, 1);
    this.#own.set('anthropic_work_exporter_shard_info', { shard }, 1);
    this.#own.set('anthropic_work_exporter_shards', {}, Number(shard.split('/')[1]));
    for (const operation of API_OPERATIONS)
      this.#own.zero('anthropic_work_api_request_duration_seconds', { operation });
    for (const kind of UNKNOWN_KINDS) this.#own.add('anthropic_work_api_unknown_values_total', { kind }, 0);
  }

  /** prom-client's registry, for a collector that has no place here. Never the global one. */
  get registry() {
    return this.#own.registry;
  }

  /** A request ended, successfully or not; each counts against the budget of its connection. */
  requestEnded(event: {
    readonly connection: string;
    readonly operation: ApiOperation;
    readonly durationSeconds: number;
  }): void {
    const { connection, operation, durationSeconds } = event;
    this.#own.observe('anthropic_work_api_request_duration_seconds', { operation }, durationSeconds);
    this.requestSent(connection);
  }

  /** A request was sent and nothing more is known of it: its duration says nothing about the API. */
  requestSent(connection: string): void {
    this.#requestsSent.set(connection, (this.#requestsSent.get(connection) ?? 0) + 1);
  }

  /** Whether the API refuses a key; null: unknown. `credential` is `api_key` or the id of an environment. */
  credentialRejected(connection: string, credential: string, rejected: boolean | null): void {
    const labels = { connection, credential };
    if (rejected === null) this.#own.remove('anthropic_work_credential_rejected', labels);
    else this.#own.set('anthropic_work_credential_rejected', labels, rejected ? 1 : 0);
  }

  /** From `expires` of a key; null: not configured. */
  credentialExpires(connection: string, credential: string, expiresAt: EpochMs | null): void {
    const labels = { connection, credential };
    if (expiresAt === null) this.#own.remove('anthropic_work_credential_expiry_timestamp_seconds', labels);
    else this.#own.set('anthropic_work_credential_expiry_timestamp_seconds', labels, expiresAt / 1000);
  }

  unknownValue(kind: UnknownKind): void {
    this.#own.add('anthropic_work_api_unknown_values_total', { kind }, 1);
  }

  negativeDurationsClamped(count = 1): void {
    this.#own.add('anthropic_work_clamped_negative_durations_total', {}, count);
  }

  /** What this process may send; its counter exists from now on. */
  budgetLimit(connection: string, requestsPerMinute: number): void {
    this.#own.set('anthropic_work_api_budget_limit_requests_per_minute', { connection }, requestsPerMinute);
    this.#own.add('anthropic_work_api_budget_requests_total', { connection }, 0);
  }

  /** API clock − own clock; null when unknown. */
  clockSkew(connection: string, skewMs: number | null): void {
    if (skewMs === null) this.#own.remove('anthropic_work_api_clock_skew_seconds', { connection });
    else this.#own.set('anthropic_work_api_clock_skew_seconds', { connection }, skewMs / 1000);
  }

  /** Discovery is on, and no attempt has ended yet. */
  discoveryStarted(connection: string): void {
    this.#own.set('anthropic_work_discovery_up', { connection }, 0);
  }

  discoveryEnded(connection: string, ok: boolean, at: EpochMs): void {
    this.#own.set('anthropic_work_discovery_up', { connection }, ok ? 1 : 0);
    if (ok) this.#own.set('anthropic_work_discovery_last_success_timestamp_seconds', { connection }, at / 1000);
  }

  /** Discovery is off again: its series are removed. */
  discoveryRemoved(connection: string): void {
    this.#own.remove('anthropic_work_discovery_up', { connection });
    this.#own.remove('anthropic_work_discovery_last_success_timestamp_seconds', { connection });
  }

  /** Removes all series of the connection: budget, keys, clock, discovery. */
  connectionRemoved(connection: string): void {
    for (const name of CONNECTION_GAUGES) this.#own.remove(name, { connection });
    this.#requestsSent.delete(connection);
    this.#own.remove('anthropic_work_api_budget_requests_total', { connection });
  }

  /** Removes the series of a removed environment: its key has two. */
  environmentRemoved(connection: string, environmentId: string): void {
    this.credentialRejected(connection, environmentId, null);
    this.credentialExpires(connection, environmentId, null);
  }

  environments(counts: { readonly watched: number; readonly dropped: number; readonly archived: number }): void {
    for (const status of ['watched', 'dropped', 'archived'] as const) {
      this.#own.set('anthropic_work_exporter_environments', { status }, counts[status]);
    }
  }

  /** The configuration was loaded, at start or later; after a failure, hash and time of the one in force stay. */
  configReloaded(result: { readonly ok: true; readonly hash: number; readonly at: EpochMs } | { readonly ok: false }) {
    this.#own.set('anthropic_work_exporter_config_last_reload_successful', {}, result.ok ? 1 : 0);
    if (!result.ok) return;
    this.#own.set('anthropic_work_exporter_config_last_reload_success_timestamp_seconds', {}, result.at / 1000);
    this.#own.set('anthropic_work_exporter_config_hash', {}, result.hash);
  }

  /** Only called when a state file is configured; null removes the series after a reload without one. */
  stateFile(ok: boolean | null): void {
    if (ok === null) this.#own.remove('anthropic_work_state_file_ok', {});
    else this.#own.set('anthropic_work_state_file_ok', {}, ok ? 1 : 0);
  }

  /** The text of all of it at `now`, including process metrics; with `names`, only of those samples. */
  write(format: Format, now: EpochMs, names?: ReadonlySet<string>): Promise<Buffer[]> {
    this.#own.set('anthropic_work_exporter_time_seconds', {}, now / 1000);
    for (const [connection, sent] of this.#requestsSent) {
      this.#own.add('anthropic_work_api_budget_requests_total', { connection }, sent);
    }
    this.#requestsSent.clear();
    return writeRegistry(this.#own, { format, onFailure: this.#onCollectFailed, names });
  }

  /** Ends what it records of the process. */
  stop(): void {
    this.#own.stop();
  }
}

const CONNECTION_GAUGES = [
  'anthropic_work_api_budget_limit_requests_per_minute',
  'anthropic_work_api_clock_skew_seconds',
  'anthropic_work_credential_rejected',
  'anthropic_work_credential_expiry_timestamp_seconds',
  'anthropic_work_discovery_up',
  'anthropic_work_discovery_last_success_timestamp_seconds',
] as const;
