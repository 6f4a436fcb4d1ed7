import { setAlignedTimer } from '../base/aligned-timer.ts';
import type { CancelTimer, Clock, EpochMs } from '../base/clock.ts';
import { queueAgeMs } from '../domain/queue-age.ts';
import { isRunning } from '../domain/work.ts';
import type { EnvironmentState, ItemsSnapshot, StateStore } from '../state/environment-state.ts';
import { isWithinStaleAfter } from '../state/is-within-stale-after.ts';
import { isStale } from '../state/staleness.ts';
import { type ChartedNumbers, RecentNumbers, SAMPLE_EVERY_MS } from './recent-numbers.ts';

export interface LastHourDeps {
  readonly clock: Clock;
  readonly states: Pick<StateStore, 'all'>;
  /** API clock − own clock of a connection, ms. */
  skewMs(connection: string): number;
}

/** The last hour of every watched environment, in memory: what a page can draw where no Grafana is at hand. */
export class LastHour {
  readonly #deps: LastHourDeps;
  #recent = new Map<string, RecentNumbers>();
  #cancel: CancelTimer = () => {};

  constructor(deps: LastHourDeps) {
    this.#deps = deps;
  }

  /** Undefined before the first look at an environment. */
  of(environmentId: string): RecentNumbers | undefined {
    return this.#recent.get(environmentId);
  }

  /** Looks at all environments twice a minute from now on. */
  start(): void {
    const { clock } = this.#deps;
    const next = () => {
      this.#cancel = setAlignedTimer(clock, SAMPLE_EVERY_MS, () => {
        // After a machine that slept, the moments that it missed are left out.
        this.#look(Math.floor(clock.monotonic() / SAMPLE_EVERY_MS));
        next();
      });
    };
    next();
  }

  stop(): void {
    this.#cancel();
  }

  #look(moment: number): void {
    const { clock, states, skewMs } = this.#deps;
    const now = clock.now();
    const recent = new Map<string, RecentNumbers>();
    for (const state of states.all()) {
      const { id, connection } = state.environment;
      const known = this.#recent.get(id) ?? new RecentNumbers();
      known.add(moment, numbersOf(state, now, skewMs(connection)));
      recent.set(id, known);
    }
    this.#recent = recent;
  }
}

/** What is too old to be shown is not known any more. */
function numbersOf(state: EnvironmentState, now: EpochMs, skewMs: number): ChartedNumbers {
  const queue = isWithinStaleAfter(state, 'stats', now) ? state.queue : null;
  const items = isWithinStaleAfter(state, 'list', now) ? state.items : null;
  const ageMs = queue === null ? null : queueAgeMs(queue.stats, now + skewMs);
  return {
    waiting: queue === null ? Number.NaN : queue.stats.depth + queue.stats.pending,
    oldestSeconds: ageMs === null ? Number.NaN : ageMs / 1000,
    polling: queue?.stats.workersPolling ?? Number.NaN,
    ...runningOf(items, state),
  };
}

function runningOf(items: ItemsSnapshot | null, { environment }: EnvironmentState) {
  if (items === null) return { live: Number.NaN, stale: Number.NaN };
  let [live, stale] = [0, 0];
  for (const seen of items.live) {
    if (isRunning(seen.item.state)) live++;
    if (isStale(seen, items, environment.thresholds)) stale++;
  }
  return { live, stale };
}
