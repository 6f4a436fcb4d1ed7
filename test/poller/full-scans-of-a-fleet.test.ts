import { beforeEach, describe, expect, it } from 'vitest';
import { environment } from '../support/environments.ts';
import { PolledFleet } from '../support/polled-fleet.ts';

const MINUTE = 60_000;

let fleet: PolledFleet;

beforeEach(() => {
  fleet = new PolledFleet();
});

/** Watches environments with so many pages of stopped items each. */
function watch(pages: readonly number[], order: 'newest' | 'none' = 'newest'): void {
  for (const [n, count] of pages.entries()) fleet.fill(`env_${n}`, count, order);
  fleet.watch(pages.map((_, n) => environment(`env_${n}`)));
}

describe('many long lists that were never read', () => {
  it('do not keep stats and short lists waiting, not even with more of them than slots', async () => {
    // Eight lists of 200 pages are half an hour of the full-scan quota; there are four slots.
    watch([...new Array(8).fill(200), 1, 1]);
    await fleet.clock.advance(MINUTE);
    for (let n = 0; n < 8; n++) {
      await fleet.clock.advance(15_000);
      expect(Math.max(...fleet.ages('stats'))).toBeLessThan(30_000);
      expect(Math.max(...fleet.ages('list').slice(8))).toBeLessThan(50_000);
    }
    await fleet.poller.stop();
  });

  it('are read as fast as the budget allows when nobody else wants it', async () => {
    watch(new Array(8).fill(50));
    // 400 pages: with a quarter of the scheduled requests alone it would be seven minutes.
    await fleet.clock.advance(4 * MINUTE);
    expect(Math.max(...fleet.ages('list'))).toBeLessThan(4 * MINUTE);
    await fleet.poller.stop();
  });

  it('leave nothing under way when they are called off', async () => {
    watch(new Array(8).fill(200));
    await fleet.clock.advance(MINUTE);
    await fleet.poller.stop();
    const { length } = fleet.requests;
    await fleet.clock.advance(MINUTE);
    expect([fleet.requests.length, fleet.clock.timers]).toEqual([length, 0]);
  });
});

describe('lists without an order', () => {
  it('are scanned back to back with the share of full scans, and a page a read beside it', async () => {
    watch(new Array(6).fill(40), 'none');
    await fleet.clock.advance(10 * MINUTE);
    const from = fleet.clock.monotonic();
    await fleet.clock.advance(10 * MINUTE);
    const pages = fleet.since(from, 'list').length;
    // Six reads every 30 s look at one page each in any case; the share is 54 pages a minute.
    expect(pages).toBeLessThanOrEqual(10 * (54 + 12) * 1.1);
    expect(pages).toBeGreaterThan(10 * 54 * 0.9);
    await fleet.poller.stop();
  });

  it('take the same part of it, and what one does not need goes to the others', async () => {
    watch([...new Array(5).fill(40), 12], 'none');
    await fleet.clock.advance(10 * MINUTE);
    const from = fleet.clock.monotonic();
    await fleet.clock.advance(30 * MINUTE);
    const asked = fleet.since(from, 'list');
    const pagesOf = (id: string) => asked.filter(({ environmentId }) => environmentId === id).length;
    const pages = fleet.states.all().map(({ environment: { id } }) => pagesOf(id));
    expect(Math.max(...pages) / Math.min(...pages)).toBeLessThan(1.5);
    const times = fleet.states.all().map(({ items }) => items!.scan!.fullScanMs!);
    expect(times[5]).toBeLessThan(Math.min(...times.slice(0, 5)));
    await fleet.poller.stop();
  });

  it('export the time of a full scan as their interval', async () => {
    watch(new Array(6).fill(40), 'none');
    await fleet.clock.advance(20 * MINUTE);
    for (const { items, operations } of fleet.states.all()) {
      const { fullScanMs } = items!.scan!;
      expect(fullScanMs).toBeGreaterThan(MINUTE);
      expect(operations.list.scheduledIntervalMs).toBe(fullScanMs);
      expect(operations.stats.scheduledIntervalMs).toBe(15_000);
    }
    await fleet.poller.stop();
  });
});

describe('work that waits in a long list while nobody is there', () => {
  it('is looked for in all of it as fast as permits come, read after read', async () => {
    watch([100]);
    await fleet.clock.advance(3 * MINUTE);
    const list = fleet.lists.get('env_0')!;
    list.add(fleet.clock.now());
    fleet.loseWorkers('env_0');
    const from = fleet.clock.monotonic();
    await fleet.clock.advance(MINUTE);
    // The full scan goes on as soon as some permits are there, not with the next regular read.
    const heads = fleet.since(from, 'list').filter(({ page }) => page === null).length;
    expect(heads).toBeGreaterThan(4);
    await fleet.clock.advance(MINUTE);
    for (let n = 0; n < 20; n++) {
      await fleet.clock.advance(15_000);
      expect(fleet.clock.now() - fleet.states.all()[0]!.items!.lastFullRead!.at).toBeLessThan(3 * MINUTE);
      expect(fleet.ages('list')[0]).toBeLessThan(40_000);
    }
    await fleet.poller.stop();
  });
});

describe('the share of full scans', () => {
  it('is left out of what the other reads may ask for', async () => {
    // 30 environments ask for 180 requests a minute, of 216; their full scans take 54 of these.
    watch(new Array(30).fill(40), 'none');
    await fleet.clock.advance(10 * MINUTE);
    const intervals = fleet.states.all().map(({ operations }) => operations.stats.scheduledIntervalMs);
    expect(Math.min(...intervals)).toBeGreaterThan(15_000);
    await fleet.poller.stop();
  });
});

describe('the cost of a list', () => {
  it('is learned without its full scans, so that a first full scan stretches nothing', async () => {
    watch([150, 1, 1, 1]);
    for (let n = 0; n < 60; n++) {
      await fleet.clock.advance(10_000);
      for (const { operations } of fleet.states.all()) expect(operations.list.scheduledIntervalMs).toBe(30_000);
    }
    await fleet.poller.stop();
  });
});
