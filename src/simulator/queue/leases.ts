import type { EpochMs } from '../../base/clock.ts';
import type { ApiStamps } from './api-stamps.ts';
import type { Switches } from './switches.ts';
import type { WorkRecord } from './work-record.ts';

export const NEVER = Number.POSITIVE_INFINITY;

/** The items that workers hold, and when time alone takes them away. */
export class Leases {
  /** Seconds of lease that a scenario wants instead of the switch's. */
  ttlSeconds: number | null = null;
  readonly #switches: Switches;
  readonly #stamps: ApiStamps;
  readonly #held = new Set<WorkRecord>();
  /** Nothing expires before: most looks at a queue end here. */
  #next = NEVER;

  constructor(switches: Switches, stamps: ApiStamps) {
    this.#switches = switches;
    this.#stamps = stamps;
  }

  /** Seconds of lease for a worker that asks for so many, or for none. */
  grantedTtl(desired: number | null): number {
    const most = this.ttlSeconds ?? this.#switches.leaseTtlSeconds;
    return desired === null ? most : Math.min(desired, most);
  }

  /** Lets a worker hold the item for `ttlSeconds` from now. */
  grant(now: EpochMs, work: WorkRecord, ttlSeconds: number): void {
    this.#held.add(work);
    work.lease = { ttlSeconds, expiresAt: now + ttlSeconds * 1000 };
    this.changed(work);
  }

  /** To be told when what decides about an item's expiry has changed. */
  changed(work: WorkRecord): void {
    this.wakeAt(expiryOf(work, this.#switches, this.#stamps));
  }

  /** Something else is due then. */
  wakeAt(due: EpochMs): void {
    this.#next = Math.min(this.#next, due);
  }

  drop(work: WorkRecord): void {
    this.#held.delete(work);
    work.lease = null;
  }

  stopping(): readonly WorkRecord[] {
    return [...this.#held].filter(({ state }) => state === 'stopping');
  }

  isDue(now: EpochMs): boolean {
    return now >= this.#next;
  }

  /** What has expired, each with the moment at which it did, earliest first. */
  expired(now: EpochMs): readonly { readonly work: WorkRecord; readonly at: EpochMs }[] {
    const all = [...this.#held].map((work) => ({ work, at: expiryOf(work, this.#switches, this.#stamps) }));
    return all.filter(({ at }) => at <= now).toSorted((a, b) => a.at - b.at);
  }

  /** Looks again at what is held; `other` is when something else is due. */
  reschedule(other: EpochMs): void {
    this.#next = other;
    for (const work of this.#held) this.changed(work);
  }
}

/** When time alone ends what an item is in: a lease that lapses, or patience with a `stopping` item. */
export function expiryOf(work: WorkRecord, switches: Switches, stamps: Pick<ApiStamps, 'moment'>): EpochMs {
  if (work.state !== 'stopping') return work.lease?.expiresAt ?? NEVER;
  const patience = switches.finalizeStoppingSeconds;
  if (patience === null || work.stopRequestedAt === null) return NEVER;
  return Math.max(stamps.moment(work.stopRequestedAt) + patience * 1000, work.lease?.expiresAt ?? 0);
}
