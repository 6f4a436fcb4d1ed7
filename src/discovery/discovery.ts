import type { CancelTimer, Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import { jitter, type Random } from '../base/random.ts';
import { ApiError } from '../client/failure/api-error.ts';
import { failureOf } from '../client/failure/failure-of.ts';
import type { RemoteEnvironment, WorkApi } from '../client/work-api.ts';
import { type Failure, failureFields } from '../domain/failure.ts';
import { BrokenPages, type DiscoveryResult, discoverEnvironments } from './discover.ts';

export interface DiscoveryDeps {
  readonly connection: string;
  readonly api: WorkApi;
  readonly intervalMs: number;
  /** Environments a page, and what to ask for if that is rejected. */
  readonly pageSize: number;
  readonly fallbackPageSize: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** What an earlier discovery of the same list knew, so that this one does not take its first listing as proof. */
  readonly known: readonly RemoteEnvironment[];
  /** Called with everything found, after each success. */
  found(result: DiscoveryResult): void;
  /** Called after each try, with what went wrong or null. */
  tried(failure: Failure | null): void;
  /** Called when the pages contradicted each other. */
  chainBroken(): void;
}

export const SKIPPED_REMEDY =
  'Check the ids of the environments: valid ids contain only letters, digits, _ and -. If those that the service shows are valid, report this.';

/** The first retry of a failed discovery comes this much later; the wait doubles up to the interval. `retry-after` wins. */
const FIRST_RETRY_MS = 15_000;
/** When to look again whether an environment is gone. */
const SECOND_LOOK_MS = 15_000;

/** Lists the environments of one connection on a timer. After a failure, what was found before still counts. */
export class Discovery {
  readonly #deps: DiscoveryDeps;
  readonly #abort = new AbortController();
  #cancelTimer: CancelTimer = () => {};
  #started = false;
  #failures = 0;
  /** The environments that the last successful listing showed, or missed for the first time. */
  #known: readonly RemoteEnvironment[];
  /** Ids of those that it missed. */
  #missing: ReadonlySet<string> = new Set();
  /** Entries that the last successful listing left out. */
  #skipped = 0;
  /** Monotonic time of the first failure in a row; null after a success. */
  #failingSince: number | null = null;
  #running: Promise<void> = Promise.resolve();

  constructor(deps: DiscoveryDeps) {
    this.#deps = deps;
    this.#known = deps.known;
  }

  get known(): readonly RemoteEnvironment[] {
    return this.#known;
  }

  /** Starts; does nothing if already started. */
  start(): void {
    if (this.#started) return;
    this.#started = true;
    this.#running = this.#round();
  }

  /** Calls off what is under way and resolves when it has ended. */
  async stop(): Promise<void> {
    this.#abort.abort();
    this.#cancelTimer();
    await this.#running;
  }

  async #round(): Promise<void> {
    const { api, clock, random, intervalMs, pageSize, fallbackPageSize } = this.#deps;
    const { signal } = this.#abort;
    let delay = jitter(intervalMs, 0.1, random);
    try {
      const options = { signal, maxAgeMs: intervalMs, pageSize, fallbackPageSize };
      const result = await discoverEnvironments(api, options);
      if (signal.aborted) return;
      this.#succeeded(result);
      if (this.#missing.size > 0) delay = Math.min(delay, jitter(SECOND_LOOK_MS, 0.1, random));
    } catch (error) {
      if (signal.aborted) return;
      this.#failed(error);
      const named = error instanceof ApiError ? (error.retryAfterMs ?? 0) : 0;
      // Who names a time knows more than a guess that doubles.
      const doublings = named > 0 ? 0 : Math.min(this.#failures - 1, 10);
      delay = Math.max(Math.min(delay, jitter(FIRST_RETRY_MS * 2 ** doublings, 0.1, random)), named);
    }
    this.#cancelTimer = clock.setTimer(delay, () => {
      this.#running = this.#round();
    });
  }

  #succeeded(result: DiscoveryResult): void {
    const { connection, clock, logger } = this.#deps;
    if (this.#failingSince !== null) {
      const outage = Math.round((clock.monotonic() - this.#failingSince) / 100) / 10;
      logger.info({ event: 'discovery.recovered', connection, outage_seconds: outage }, 'discovery works again');
    }
    this.#failures = 0;
    this.#failingSince = null;
    this.#deps.tried(null);
    this.#reportSkipped(result.skipped);
    const missing = this.#missingFrom(result);
    this.#missing = new Set(missing.map(({ id }) => id));
    this.#known = [...result.environments, ...missing];
    this.#deps.found({ ...result, environments: this.#known });
  }

  /**
   * The known environments that this listing is the first to miss. One listing proves nothing: rows move between pages while
   * they are read, and a copy of the API that lags may list none at all. The next one decides.
   */
  #missingFrom({ environments }: DiscoveryResult): readonly RemoteEnvironment[] {
    const shown = new Set(environments.map(({ id }) => id));
    return this.#known.filter(({ id }) => !shown.has(id) && !this.#missing.has(id));
  }

  /** Logs once, and again only when the number changes. */
  #reportSkipped(skipped: readonly string[]): void {
    const { connection, logger } = this.#deps;
    const before = this.#skipped;
    this.#skipped = skipped.length;
    if (skipped.length === 0 || skipped.length === before) return;
    const fields = { event: 'discovery.skipped', connection, count: skipped.length, detail: skipped[0] };
    logger.warn({ ...fields, remedy: SKIPPED_REMEDY }, 'environments whose id cannot be used are left out');
  }

  #failed(error: unknown): void {
    const { connection, clock, logger } = this.#deps;
    this.#failures++;
    if (error instanceof BrokenPages) this.#deps.chainBroken();
    const failure = failureOf(error);
    this.#deps.tried(failure);
    if (this.#failingSince !== null) return;
    this.#failingSince = clock.monotonic();
    logger.warn(
      { event: 'discovery.failing', connection, ...failureFields(failure) },
      'environments cannot be discovered; those found before are still watched',
    );
  }
}
