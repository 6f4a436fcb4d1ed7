import type { EpochMs } from '../../base/clock.ts';
import type { ApiStamps } from './api-stamps.ts';
import type { Switches } from './switches.ts';
import type { WorkRecord } from './work-record.ts';

export const NEVER = Number.POSITIVE_INFINITY;

/** The items that workers hold, and when their leases expire. */
export class Leases {
  /** Seconds of lease, if a scenario overrides the switch. */
  ttlSeconds: number | null = null;
  /** Whether an item without any heartbeat lapses, if a scenario overrides the switch. */
  #startingLapses: boolean | null = null;
  readonly #switches: Switches;
  readonly #stamps: ApiStamps;
  readonly #held = new Set<WorkRecord>();
  /** Nothing expires before this time, so most checks end here. */
  #next = NEVER;

  constructor(switches: Switches, stamps: ApiStamps) {
    this.#switches = switches;
    this.#stamps = stamps;
  }

  set startingLapses(lapses: boolean | null) {
    this.#startingLapses = lapses;
    for (const work of this.#held) this.changed(work);
  }

  /** The seconds of lease granted to a worker that asks for this many, or for none. */
  grantedTtl(desired: number | null): number {
    const most = this.ttlSeconds ?? this.#switches.leaseTtlSeconds;
    return desired === null ? most : Math.min(desired, most);
  }

  /** Gives the worker a lease of `ttlSeconds` from now. */
  grant(now: EpochMs, work: WorkRecord, ttlSeconds: number): void {
    this.#held.add(work);
    work.lease = { ttlSeconds, expiresAt: now + ttlSeconds * 1000 };
    this.changed(work);
  }

  /** Must be called when something that decides about an item's expiry has changed. */
  changed(work: WorkRecord): void {
    this.wakeAt(this.#expiryOf(work));
  }

  /** Something else is due then. */
  wakeAt(due: EpochMs): void {
    this.#next = Math.min(this.#next, due);
  }

  drop(work: WorkRecord): void {
    this.#held.delete(work);
    work.lease = null;
  }

  /** Items that stay as they are until somebody stops them: asked to stop, or `starting` with an expired lease. */
  abandoned(now: EpochMs): readonly WorkRecord[] {
    const isOver = ({ lease }: WorkRecord) => lease !== null && lease.expiresAt <= now;
    return [...this.#held].filter((work) => work.state === 'stopping' || (work.state === 'starting' && isOver(work)));
  }

  isDue(now: EpochMs): boolean {
    return now >= this.#next;
  }

  /** Expired items, each with the time of its expiry, earliest first. */
  expired(now: EpochMs): readonly { readonly work: WorkRecord; readonly at: EpochMs }[] {
    const all = [...this.#held].map((work) => ({ work, at: this.#expiryOf(work) }));
    return all.filter(({ at }) => at <= now).toSorted((a, b) => a.at - b.at);
  }

  /** Recomputes the next expiry; `other` is when something else is due. */
  reschedule(other: EpochMs): void {
    this.#next = other;
    for (const work of this.#held) this.changed(work);
  }

  /** When time alone ends the state of an item: its lease lapses, or a `stopping` item is finalized. */
  #expiryOf({ state, lease, stopRequestedAt }: WorkRecord): EpochMs {
    const { finalizeStoppingSeconds: patience, startingLapses } = this.#switches;
    const expiresAt = lease?.expiresAt ?? NEVER;
    if (state === 'starting') return (this.#startingLapses ?? startingLapses) ? expiresAt : NEVER;
    if (state !== 'stopping') return expiresAt;
    if (patience === null || stopRequestedAt === null) return NEVER;
    return Math.max(this.#stamps.moment(stopRequestedAt) + patience * 1000, lease?.expiresAt ?? 0);
  }
}
