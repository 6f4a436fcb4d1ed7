import { expect } from 'vitest';
import { jitter, type Random, seededRandom } from '../../src/base/random.ts';
import type { PageRequest } from '../../src/client/work-api.ts';
import { environment } from '../support/environments.ts';
import { type FakeListOptions, FakeWorkList } from '../support/fake-work-list.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { ListReader } from './list-reader.ts';

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
/** Items per page. */
export const LIMIT = 10;
const SCANS = 120;
const FULL_MS = 5 * MINUTE;

/** What happens to a list while it is read again and again. */
export interface Situation {
  readonly order?: FakeListOptions['order'];
  readonly cursors?: FakeListOptions['cursors'];
  /** How long the list is at first. */
  readonly pages?: number;
  readonly everyMs?: number;
  readonly fullMs?: number;
  /** What counts as seen in time, where that is more than `full_list_interval`. */
  readonly lateMs?: number;
  /** How long before the start an item was created: a minute apart unless told otherwise. */
  readonly ageMs?: (n: number) => number;
  readonly betweenScans?: (world: World) => void;
  /** May throw what is answered instead. */
  readonly beforeAnswer?: (world: World, page: string | null) => void;
}

/** A list whose items have all ended, read at intervals that vary by a tenth; remembers when each item was last shown. */
export class World {
  readonly clock = new ManualClock();
  readonly list: SeenList;
  readonly reader: ListReader;
  readonly random: Random;
  readonly #situation: Situation;
  /** Number of the present scan, from 0. */
  scan = 0;
  /** The most requests that a scan made, apart from the first. */
  mostRequests = 0;
  /** What the list was taken for after each scan. */
  readonly orders = new Set<string>();

  constructor(situation: Situation) {
    this.#situation = situation;
    const { order = 'newest', cursors = 'keyset', pages = 100, everyMs, fullMs } = situation;
    const { ageMs = (n) => (n + 60) * MINUTE } = situation;
    this.random = seededRandom(pages);
    this.list = new SeenList({ order, cursors, retrieve: false }, this.clock);
    for (let n = 0; n < pages * LIMIT; n++) this.arrive(1, ageMs(n));
    this.list.before = ({ page }) => situation.beforeAnswer?.(this, page);
    const settings = { ...(everyMs && { listIntervalMs: everyMs }), ...(fullMs && { fullListIntervalMs: fullMs }) };
    this.reader = new ListReader({
      api: this.list,
      clock: this.clock,
      environment: { poll: { ...environment('env_1').poll, ...settings } },
      connection: { pageSize: LIMIT, fallbackPageSize: LIMIT },
    });
  }

  /** Adds items that were created so long ago and have ended. */
  arrive(count: number, agoMs = 0): void {
    const at = this.clock.now() - agoMs;
    for (let n = 0; n < count; n++) this.list.add(at, { state: 'stopped', acknowledgedAt: at, stoppedAt: at });
  }

  /** Removes the items that were created first. */
  removeOldest(count: number): void {
    this.list.remove(
      this.list
        .items()
        .slice(0, count)
        .map(({ id }) => id),
    );
  }

  /** Ids of any items, some perhaps twice. */
  any(count: number): string[] {
    const items = this.list.items();
    return Array.from({ length: count }, () => items[Math.floor(this.random() * items.length)]!.id);
  }

  async run(): Promise<void> {
    const { everyMs = 30 * SECOND, betweenScans } = this.#situation;
    for (this.scan = 0; this.scan < SCANS; this.scan++) {
      const startedAt = this.clock.monotonic();
      this.list.cursors.clear();
      const before = this.list.requests.length;
      await this.reader.read();
      this.orders.add(this.reader.scanState.order.value);
      if (this.scan > 0) this.mostRequests = Math.max(this.mostRequests, this.list.requests.length - before);
      betweenScans?.(this);
      const tookMs = this.clock.monotonic() - startedAt;
      await this.clock.advance(Math.max(0, jitter(everyMs, 0.1, this.random) - tookMs));
    }
  }
}

/** Plays it, and fails where an item went unseen for too long. */
export async function expectShownInTime(situation: Situation): Promise<void> {
  const world = new World(situation);
  await world.run();
  expect(world.list.longestUnseenMs).toBeLessThanOrEqual((situation.fullMs ?? FULL_MS) + (situation.lateMs ?? 0));
  world.orders.delete('unknown');
  expect([...world.orders]).toEqual([situation.order ?? 'newest']);
}

/** A list that remembers when it last showed each of its items. */
class SeenList extends FakeWorkList {
  readonly #clock: ManualClock;
  readonly #seenAt = new Map<string, number>();
  /** Those that the present scan was given. */
  readonly cursors = new Set<string>();
  #longestMs = 0;

  constructor(options: FakeListOptions, clock: ManualClock) {
    super(options);
    this.#clock = clock;
  }

  /** The longest that one of its items went unseen. */
  get longestUnseenMs(): number {
    const unseen = this.items().map(({ id }) => this.#clock.monotonic() - this.#seenAt.get(id)!);
    return unseen.reduce((longest, ms) => Math.max(longest, ms), this.#longestMs);
  }

  override add(...item: Parameters<FakeWorkList['add']>): string {
    const id = super.add(...item);
    this.#seenAt.set(id, this.#clock.monotonic());
    return id;
  }

  override async listPage(environmentId: string, request: PageRequest): ReturnType<FakeWorkList['listPage']> {
    const at = this.#clock.monotonic();
    const reply = await super.listPage(environmentId, request);
    for (const { id } of reply.value.items) {
      this.#longestMs = Math.max(this.#longestMs, at - this.#seenAt.get(id)!);
      this.#seenAt.set(id, at);
    }
    if (reply.value.nextPage !== null) this.cursors.add(reply.value.nextPage);
    return reply;
  }
}
