import type { EpochMs } from '../../../../src/base/clock.ts';
import type { Random } from '../../../../src/base/random.ts';
import { observe } from '../../../../src/domain/histogram.ts';
import type { WorkItem } from '../../../../src/domain/work.ts';
import { type LifecycleTotals, NO_TOTALS } from '../../../../src/lifecycle/totals.ts';
import type { Act, Member } from './timetable.ts';

interface ModelItem {
  item: WorkItem;
  queuedSince: EpochMs;
  endsAt: EpochMs;
}

const SECOND = 1000;
/** The service takes work back this long after the last heartbeat. */
const LEASE_SECONDS = 300;
const HEARTBEAT_SECONDS = 30;
const STOPPING_SECONDS = 8;

/** A queue with serial workers, moved in small steps: just enough of the service for a history with true relations. */
export class QueueModel {
  readonly #member: Member;
  readonly #random: Random;
  readonly #items = new Map<string, ModelItem>();
  #made = 0;
  #due = 0;
  #aliveSince: EpochMs | null = null;
  totals: LifecycleTotals = NO_TOTALS;

  constructor(member: Member, random: Random) {
    this.#member = member;
    this.#random = random;
  }

  /** Everything that happened in the `seconds` up to `now`. */
  advance(now: EpochMs, seconds: number, act: Act): void {
    this.#arrive(now, seconds * act.load);
    if (act.workersAlive) this.#aliveSince ??= now;
    else this.#aliveSince = null;
    for (const [id, known] of this.#items) this.#age(id, known, { now, alive: act.workersAlive });
    if (act.workersAlive) this.#claim(now, act.reinforced ? 5 : 1);
  }

  get live(): readonly { readonly item: WorkItem; readonly queuedSince: EpochMs }[] {
    return [...this.#items.values()];
  }

  /** Workers without work, which are the ones that poll; null where the API does not count them. */
  polling(act: Act): number | null {
    if (!this.#member.countsWorkers) return null;
    if (!act.workersAlive) return 0;
    return Math.max(0, this.#workers(act.reinforced ? 5 : 1) - this.#held());
  }

  #arrive(now: EpochMs, seconds: number): void {
    this.#due += (this.#member.arrivalsPerMinute / 60) * seconds * (0.5 + this.#random());
    for (; this.#due >= 1; this.#due -= 1) {
      const id = `work_${this.#made++}`;
      const createdAt = now - this.#random() * 5 * SECOND;
      this.#items.set(id, { item: newItem(id, createdAt), queuedSince: createdAt, endsAt: 0 });
      this.#count('created');
    }
  }

  #age(id: string, known: ModelItem, { now, alive }: { now: EpochMs; alive: boolean }): void {
    const { item } = known;
    if (item.state === 'starting') known.item = { ...item, state: 'active', latestHeartbeatAt: now };
    if (item.state !== 'active' && item.state !== 'stopping') return;
    const silent = now - item.latestHeartbeatAt!;
    // A worker that came back does not know the items of the one that died: they wait for their lease to lapse.
    const owned = alive && this.#aliveSince !== null && item.acknowledgedAt! >= this.#aliveSince;
    if (!owned) {
      if (silent > LEASE_SECONDS * SECOND) this.#lapse(known, now);
      return;
    }
    if (silent >= HEARTBEAT_SECONDS * SECOND) known.item = { ...known.item, latestHeartbeatAt: now };
    if (item.state === 'active' && now >= known.endsAt) {
      known.item = { ...known.item, state: 'stopping', stopRequestedAt: now, latestHeartbeatAt: now };
    }
    if (item.state === 'stopping' && now - item.stopRequestedAt! >= STOPPING_SECONDS * SECOND)
      this.#stop(id, known, now);
  }

  #claim(now: EpochMs, factor: number): void {
    const waiting = [...this.#items.values()].filter(({ item }) => item.state === 'queued');
    waiting.sort((a, b) => a.queuedSince - b.queuedSince);
    for (const known of waiting.slice(0, Math.max(0, this.#workers(factor) - this.#held()))) {
      known.item = { ...known.item, state: 'starting', acknowledgedAt: now, latestHeartbeatAt: now };
      known.endsAt = now + this.#member.runSeconds * SECOND * (0.3 + 1.4 * this.#random());
      this.#count('acknowledged');
      this.totals = { ...this.totals, wait: observe(this.totals.wait, (now - known.queuedSince) / SECOND) };
    }
  }

  #stop(id: string, { item }: ModelItem, now: EpochMs): void {
    this.#items.delete(id);
    this.#count('stopped');
    this.totals = {
      ...this.totals,
      run: observe(this.totals.run, (now - item.acknowledgedAt!) / SECOND),
      stop: observe(this.totals.stop, (now - item.stopRequestedAt!) / SECOND),
    };
    // A dormant session wakes up again now and then, under its old id.
    if (this.#random() > 0.12) return;
    this.#items.set(id, { item: newItem(id, item.createdAt!), queuedSince: now, endsAt: 0 });
    this.#count('requeued');
  }

  #lapse(known: ModelItem, now: EpochMs): void {
    known.item = newItem(known.item.id, known.item.createdAt!);
    known.queuedSince = now;
    this.#count('lapsed');
    // When the service took it back is not known within a minute, so neither is the wait that begins here.
    this.#count('waitUnknown');
  }

  #held(): number {
    const since = this.#aliveSince;
    if (since === null) return 0;
    return [...this.#items.values()].filter(({ item }) => item.acknowledgedAt !== null && item.acknowledgedAt >= since)
      .length;
  }

  #workers(factor: number): number {
    return this.#member.workers * factor;
  }

  #count(what: 'created' | 'acknowledged' | 'stopped' | 'requeued' | 'lapsed' | 'waitUnknown'): void {
    this.totals = { ...this.totals, [what]: this.totals[what] + 1 };
  }
}

function newItem(id: string, createdAt: EpochMs): WorkItem {
  return {
    id,
    type: 'session',
    state: 'queued',
    metadata: {},
    createdAt,
    acknowledgedAt: null,
    startedAt: null,
    latestHeartbeatAt: null,
    stopRequestedAt: null,
    sessionId: `sesn_${id}`,
    stoppedAt: null,
  };
}
