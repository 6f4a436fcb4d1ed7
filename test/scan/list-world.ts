import { type Random, seededRandom } from '../../src/base/clock.ts';
import type { WorkState } from '../../src/domain/work.ts';
import { type FakeListOptions, FakeWorkList } from '../support/fake-work-list.ts';
import { ManualClock } from '../support/manual-clock.ts';

const DAY = 86_400_000;

interface Change {
  readonly at: number;
  readonly state: WorkState | 'gone';
}

export interface ListWorldOptions extends FakeListOptions {
  readonly seed: number;
  /** How many items are there that ended long ago. */
  readonly stopped: number;
}

/** A list with years of stopped items and some life at its end, and the truth about every item. */
export class ListWorld {
  readonly clock = new ManualClock();
  readonly list: FakeWorkList;
  readonly history = new Map<string, Change[]>();
  readonly revivedAt = new Map<string, number>();
  readonly visibleFrom = new Map<string, number>();
  readonly #random: Random;
  /** One in two hundred at a time. */
  readonly #expiring: number;
  created = 0;

  constructor({ seed, stopped, ...options }: ListWorldOptions) {
    this.#random = seededRandom(seed);
    this.#expiring = Math.ceil(stopped / 200);
    this.list = new FakeWorkList(options);
    const now = this.clock.now();
    const every = stopped / 5;
    for (let i = 0; i < stopped; i++) {
      const at = now - 30 * DAY + (i * 29 * DAY) / stopped;
      const id = this.list.add(at, { state: 'stopped', acknowledgedAt: at + 1000, stoppedAt: at + 60_000 });
      // A few of the old ones never ended: they stay alive on pages far from where new items come.
      if (i % every === Math.floor(every / 2)) this.#to(id, 'active', { stoppedAt: null, latestHeartbeatAt: now });
      else this.history.set(id, [{ at, state: 'stopped' }]);
    }
    for (let i = 0; i < 20; i++) this.#create(0);
    // Answers take a moment, and the world does not wait for them.
    this.list.before = () => {
      this.clock.jumpWall(20);
      if (this.#random() < 0.3) this.#create(0);
      if (this.#random() < 0.3) this.#step();
      this.clock.jumpWall(20);
    };
  }

  /** What happens between two reads; about five items come and as many end. */
  live(): void {
    this.clock.jumpWall(20);
    for (let i = 0; i < 5; i++) this.#create(this.#random() < 0.2 ? 50_000 * this.#random() : 0);
    for (let i = 0; i < 12; i++) this.#step();
    for (const id of this.#liveIds()) this.list.change(id, { latestHeartbeatAt: this.clock.now() });
    if (this.#random() < 0.3) this.#revive();
    if (this.#random() < 0.1) this.#vanish();
    if (this.#random() < 0.3) this.#expire();
  }

  stateAt(id: string, at: number): WorkState | 'gone' | undefined {
    return this.history.get(id)?.findLast((change) => change.at <= at)?.state;
  }

  #create(lateMs: number): void {
    const now = this.clock.now();
    const id = this.list.add(now - lateMs);
    this.created++;
    this.history.set(id, [{ at: now, state: 'queued' }]);
    this.visibleFrom.set(id, now);
  }

  #liveIds(): string[] {
    return this.list.items().flatMap(({ id, state }) => (state === 'stopped' ? [] : [id]));
  }

  /** Some live item takes the next step of its life. */
  #step(): void {
    const ids = this.#liveIds();
    // The old ones stay: their pages have to be looked at again and again.
    const id = ids[Math.floor(this.#random() * ids.length)];
    const item = id === undefined ? undefined : this.list.get(id);
    if (item === undefined || (item.createdAt ?? 0) < this.clock.now() - DAY) return;
    const now = this.clock.now();
    if (item.state === 'queued') this.#to(item.id, 'active', { acknowledgedAt: now, latestHeartbeatAt: now });
    else this.#to(item.id, 'stopped', { stoppedAt: now });
  }

  #revive(): void {
    const items = this.list.items();
    const item = items[Math.floor(this.#random() * items.length)];
    if (item?.state !== 'stopped') return;
    const now = this.clock.now();
    this.revivedAt.set(item.id, now);
    this.#to(item.id, 'queued', { startedAt: now, acknowledgedAt: null, stoppedAt: null });
  }

  #vanish(): void {
    const ids = this.#liveIds();
    const id = ids[Math.floor(this.#random() * ids.length)];
    if (id === undefined) return;
    this.list.remove([id]);
    this.history.get(id)?.push({ at: this.clock.now(), state: 'gone' });
  }

  /** Retention: the oldest stopped items go. */
  #expire(): void {
    const oldest = this.list.items().toSorted((a, b) => a.createdAt! - b.createdAt!);
    const ids = oldest.filter(({ state }) => state === 'stopped').map(({ id }) => id);
    this.list.remove(ids.slice(0, this.#expiring));
  }

  #to(id: string, state: WorkState, change: object): void {
    this.list.change(id, { state, ...change });
    const changes = this.history.get(id) ?? [];
    changes.push({ at: this.clock.now(), state });
    this.history.set(id, changes);
  }
}
