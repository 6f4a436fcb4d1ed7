import { expect } from 'vitest';
import type { EnvironmentState, ObservedItem } from '../../src/state/environment-state.ts';
import { isStale, observedAtOf } from '../../src/state/staleness.ts';
import { liveById } from '../support/live-by-id.ts';
import type { Rig } from './lifecycle-rig.ts';
import type { TrueItem } from './lifecycle-world.ts';

/** How long a revived item may stay unseen, the read that sees it included. */
export interface Patience {
  readonly fullListIntervalMs: number;
  readonly gapMs: number;
}

function countByState(states: Iterable<string>, zero: Record<string, number>): Record<string, number> {
  const counts = { ...zero };
  for (const state of states) counts[state] = (counts[state] ?? 0) + 1;
  return counts;
}

export function itemsOf({ items }: EnvironmentState): Record<string, number> {
  const states = items!.live.map(({ item }) => item.state);
  return countByState(states, { queued: 0, starting: 0, active: 0, stopping: 0 });
}

export function staleOf({ items, environment: { thresholds } }: EnvironmentState): Record<string, number> {
  const stale = items!.live.filter((observed) => isStale(observed, items!, thresholds));
  return countByState(
    stale.map(({ item }) => item.state),
    { starting: 0, active: 0, stopping: 0 },
  );
}

/** Compares every item that is shown with what was true when its page was served, and finds those that are missing. */
export class GaugeCheck {
  readonly #rig: Rig;
  readonly #patience: Patience;
  readonly #waited = new Set<string>();
  /** Items that a read did not show, because they had come back to life, and a later one did. */
  found = 0;

  constructor(rig: Rig, patience: Patience) {
    this.#rig = rig;
    this.#patience = patience;
  }

  /** After a read that began at `from` and ended well. */
  check(from: number): void {
    const { state } = this.#rig;
    for (const [id, observed] of liveById(state.items!)) {
      this.#checkShown(id, observed);
      // What was not met keeps the time at which it was seen, until a full scan finds it or proves that it is gone.
      const { fullListIntervalMs, gapMs } = this.#patience;
      const least = state.items!.mode === 'whole' ? from : from - fullListIntervalMs - gapMs;
      expect(observedAtOf(observed, state.items!), `${id} was seen lately`).toBeGreaterThanOrEqual(least);
    }
    this.#checkMissing(from);
  }

  #checkShown(id: string, observed: ObservedItem): void {
    const { state, world } = this.#rig;
    const { thresholds } = state.environment;
    const observedAt = observedAtOf(observed, state.items!);
    const truth = world.at(observedAt)?.get(id);
    expect(truth, `${id} was live when it was seen`).toBeDefined();
    expect(observed.item.state).toBe(truth!.state);
    expect(isStale(observed, state.items!, thresholds), `${id} stale`).toBe(
      isTrulyStale(truth!, observedAt, {
        heartbeat: thresholds.staleHeartbeatSeconds,
        starting: thresholds.stateAgeSeconds.starting,
      }),
    );
  }

  /** What lived all through the read has to be shown; what was revived since the last full scan began, within its interval. */
  #checkMissing(from: number): void {
    const { state, world, clock, reader } = this.#rig;
    const walkedAt = clock.now() - clock.monotonic() + reader.scanState.fullScans.last!.startedMonotonic + world.skewMs;
    const looks = world.since(from).map(([, moment]) => moment);
    const sinceWalk = world.since(walkedAt);
    for (const id of looks.at(-1)?.keys() ?? []) {
      if (state.items!.live.some(({ item }) => item.id === id)) {
        if (this.#waited.delete(id)) this.found++;
        continue;
      }
      // It came, or came back, while pages were served: its own may have been served before that.
      if (!looks.every((moment) => moment.has(id))) continue;
      const { createdAt } = looks[0]!.get(id)!;
      const lastAway = sinceWalk.findLast(([at, moment]) => at >= createdAt && !moment.has(id))?.[0];
      // Without an order new items may stand anywhere, too.
      const mayWait = lastAway !== undefined || state.items!.mode === 'none';
      expect(mayWait, `${id} is live and not shown`).toBe(true);
      const unseenMs = this.#rig.now() - (lastAway ?? createdAt);
      this.#waited.add(id);
      const { fullListIntervalMs, gapMs } = this.#patience;
      expect(unseenMs, `${id} is unseen`).toBeLessThanOrEqual(fullListIntervalMs + gapMs);
    }
  }
}

function isTrulyStale(
  { state, acknowledgedAt, latestHeartbeatAt }: TrueItem,
  at: number,
  seconds: { heartbeat: number; starting: number },
): boolean {
  if (state === 'queued') return false;
  if (state === 'starting') return at - acknowledgedAt! > seconds.starting * 1000;
  return at - (latestHeartbeatAt ?? acknowledgedAt!) > seconds.heartbeat * 1000;
}
