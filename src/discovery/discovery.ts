import type { CancelTimer, Clock } from '../base/clock.ts';
import { jitter, type Random } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import { destinationOf } from '../client/client.ts';
import { ApiError, failureOf, rejectsPageSize } from '../client/failures.ts';
import type { EnvironmentsPage, RemoteEnvironment, WorkApi } from '../client/work-api.ts';
import type { ConnectionConfig } from '../config/config.ts';
import { CHAIN_BROKEN_REMEDY, type Failure, failureFields } from '../domain/failure.ts';
import { FALLBACK_PAGE_SIZE, PRESETS } from '../wire/presets.ts';

/** How the latest listing of a connection's environments ended. */
export interface DiscoveryOutcome {
  readonly connection: string;
  readonly failure: Failure | null;
  /** Environments found by the last successful one. */
  readonly found: number;
  /** Entries that it left out. */
  readonly skipped: number;
}

/** While this is the same, a discovery goes on over a reload. */
export interface DiscoverySettings {
  readonly connection: Pick<ConnectionConfig, 'name' | 'provider' | 'baseUrl' | 'workspaceId' | 'apiKey'>;
  readonly api: Pick<WorkApi, 'listEnvironments'>;
  /** Another one when requests go elsewhere, or otherwise. */
  readonly place: object;
  readonly intervalMs: number;
}

export interface DiscoveryDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** A listing has found something, which may be what was known. Resolves when it is watched. */
  found(connection: string): Promise<void>;
  /** Called after each try. */
  tried(connection: string, ok: boolean): void;
  /** Called when the pages contradicted each other. */
  chainBroken(): void;
}

export const SKIPPED_REMEDY =
  'Check the ids of the environments: valid ids contain only letters, digits, _ and -. If those that the service shows are valid, report this.';

/** The first retry of a failed listing comes this much later; the wait doubles up to the interval. `retry-after` wins. */
const FIRST_RETRY_MS = 15_000;
/** When to look again whether an environment is gone. */
const SECOND_LOOK_MS = 15_000;
/** Stops an API whose pages never end. */
const MAX_PAGES = 100;

/** Lists the environments of one connection on a timer. After a failure, what was found before still counts. */
export class Discovery {
  readonly #settings: DiscoverySettings;
  readonly #deps: DiscoveryDeps;
  readonly #abort = new AbortController();
  #cancelTimer: CancelTimer = () => {};
  #running: Promise<void> | null = null;
  #known: readonly RemoteEnvironment[];
  /** Ids of those that the last listing missed: what the next one misses, too, is gone. */
  #missing: ReadonlySet<string>;
  #outcome: DiscoveryOutcome | null;
  #failures = 0;
  /** Monotonic time of the first failure in a row. */
  #failingSince = 0;

  /** @param before that of other settings, which has ended: what it found is known until a listing shows something else */
  constructor(settings: DiscoverySettings, deps: DiscoveryDeps, before: Discovery | null = null) {
    this.#settings = settings;
    this.#deps = deps;
    this.#known = before?.known ?? [];
    this.#outcome = before?.outcome ?? null;
    // The same list has to miss them twice; another one has never had them.
    const isSameList =
      before !== null && destinationOf(before.#settings.connection) === destinationOf(settings.connection);
    this.#missing = new Set(isSameList ? [] : this.#known.map(({ id }) => id));
  }

  /** What is to be watched, if it is wanted: what the last successful listing showed, or missed for the first time. */
  get known(): readonly RemoteEnvironment[] {
    return this.#known;
  }

  /** Null before the first listing has ended, and what it found is watched. */
  get outcome(): DiscoveryOutcome | null {
    return this.#outcome;
  }

  /** Whether it may go on with these settings. */
  isFor({ connection: { apiKey }, place, intervalMs }: DiscoverySettings): boolean {
    const own = this.#settings;
    const isSameKey = own.connection.apiKey?.equals(apiKey) ?? apiKey === null;
    return own.place === place && own.intervalMs === intervalMs && isSameKey;
  }

  /** Begins, unless it has begun: its retries keep their pace over a reload. */
  start(): void {
    this.#running ??= this.#round();
  }

  /** Calls off what is under way and resolves when it has ended. */
  async stop(): Promise<void> {
    this.#abort.abort();
    this.#cancelTimer();
    await this.#running;
  }

  async #round(): Promise<void> {
    const { clock, random } = this.#deps;
    const { signal } = this.#abort;
    let delay = jitter(this.#settings.intervalMs, 0.1, random);
    try {
      const listing = await this.#listing(signal);
      if (signal.aborted) return;
      this.#succeeded(listing);
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

  /** Reads the list to its end, archived environments included. @throws BrokenPages when the end was not reached */
  async #listing(signal: AbortSignal) {
    const { api, connection, intervalMs: maxAgeMs } = this.#settings;
    const found = new Map<string, RemoteEnvironment>();
    const cursors = new Set<string | null>();
    let skipped: readonly string[] = [];
    let limit = PRESETS[connection.provider].maxEnvironmentsPageSize;
    let page: string | null = null;
    while (cursors.size < MAX_PAGES) {
      let value: EnvironmentsPage;
      try {
        ({ value } = await api.listEnvironments({ limit, page }, { signal, maxAgeMs }));
      } catch (error) {
        if (limit <= FALLBACK_PAGE_SIZE || !rejectsPageSize(error, page)) throw error;
        // From the start again: cursors belong to one page size.
        [limit, page, skipped] = [FALLBACK_PAGE_SIZE, null, []];
        cursors.clear();
        continue;
      }
      for (const environment of value.environments) found.set(environment.id, environment);
      skipped = [...skipped, ...value.skipped];
      cursors.add(page);
      page = value.nextPage;
      if (value.chainBroken) throw new BrokenPages('a page says that more follow, but not how to ask for them');
      if (page === null) return { environments: [...found.values()], skipped };
      if (cursors.has(page)) throw new BrokenPages('a page leads back to one that was read before');
    }
    throw new BrokenPages(`more than ${MAX_PAGES} pages`);
  }

  /** One listing proves nothing: rows move between pages while they are read, and a copy of the API that lags may list none. */
  #succeeded({ environments, skipped }: Pick<EnvironmentsPage, 'environments' | 'skipped'>): void {
    const { clock, logger, found, tried } = this.#deps;
    const { name: connection } = this.#settings.connection;
    if (this.#failures > 0) {
      const outage = Math.round((clock.monotonic() - this.#failingSince) / 100) / 10;
      logger.info({ event: 'discovery.recovered', connection, outage_seconds: outage }, 'discovery works again');
    }
    this.#failures = 0;
    tried(connection, true);
    if (skipped.length > 0 && skipped.length !== this.#outcome?.skipped) {
      const fields = { event: 'discovery.skipped', connection, count: skipped.length, detail: skipped[0] };
      logger.warn({ ...fields, remedy: SKIPPED_REMEDY }, 'environments whose id cannot be used are left out');
    }
    const shown = new Set(environments.map(({ id }) => id));
    const missed = this.#known.filter(({ id }) => !shown.has(id) && !this.#missing.has(id));
    this.#missing = new Set(missed.map(({ id }) => id));
    this.#known = [...environments, ...missed];
    const outcome = { connection, failure: null, found: this.#known.length, skipped: skipped.length };
    // Not before they are watched: until then it is unknown what health has to wait for.
    void found(connection).finally(() => {
      this.#outcome = outcome;
    });
  }

  #failed(error: unknown): void {
    const { clock, logger, chainBroken, tried } = this.#deps;
    const { name: connection } = this.#settings.connection;
    if (error instanceof BrokenPages) chainBroken();
    const failure = failureOf(error);
    this.#outcome = { connection, failure, found: this.#outcome?.found ?? 0, skipped: this.#outcome?.skipped ?? 0 };
    tried(connection, false);
    if (this.#failures++ > 0) return;
    this.#failingSince = clock.monotonic();
    const fields = { event: 'discovery.failing', connection, ...failureFields(failure) };
    logger.warn(fields, 'environments cannot be discovered; those found before are still watched');
  }
}

/** The pages did not lead to the end of the list: they may not show everything, and what is missing may well exist. */
class BrokenPages extends ApiError {
  constructor(what: string) {
    const message = `Reading the list of environments did not reach its end: ${what}`;
    super({ reason: 'bad_response', httpStatus: 200, requestId: null, message, remedy: CHAIN_BROKEN_REMEDY });
  }
}
