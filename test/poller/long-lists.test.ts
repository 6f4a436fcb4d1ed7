import { afterEach, describe, expect, it } from 'vitest';
import { environment } from '../support/environments.ts';
import { PolledFleet } from '../support/polled-fleet.ts';

const MINUTE = 60_000;
const PER_MINUTE = 240;

let fleet: PolledFleet;

afterEach(async () => {
  await fleet.poller.stop();
});

/** Watches lists with so many pages each. */
function given(pages: readonly number[]): void {
  fleet = new PolledFleet({ requestsPerMinute: PER_MINUTE, answerMs: 50 });
  for (const [n, count] of pages.entries()) fleet.fill(`env_${n}`, count);
  fleet.watch(pages.map((_, n) => environment(`env_${n}`)));
}

/** The most pages of lists that were asked for in any minute since then, without the first page of each read. */
function mostFurtherPages(from: number): number {
  const further = fleet.since(from, 'list').filter(({ page }) => page !== null);
  return Math.max(
    ...further.map(({ at }) => further.filter((other) => other.at > at - MINUTE && other.at <= at).length),
  );
}

const fullReads = () => fleet.states.all().map(({ items }) => items?.lastFullRead?.at ?? null);

async function passSeconds(seconds: number): Promise<void> {
  for (let n = 0; n < seconds; n++) await fleet.clock.advance(1000);
}

describe('full scans of long lists', () => {
  it.each([
    { lists: 'one of empty pages without end', pages: [1], isEndless: true },
    { lists: 'one of 500 pages', pages: [500], isEndless: false },
    { lists: 'four of 100 pages', pages: [100, 100, 100, 100], isEndless: false },
  ])(
    'take at most a quarter of the budget, and the first ones what else is spare: $lists',
    async ({ pages, isEndless }) => {
      given(pages);
      let page = 0;
      if (isEndless) {
        const list = fleet.lists.get('env_0')!;
        const listPage = list.listPage.bind(list);
        list.listPage = async (...asked) => {
          const reply = await listPage(...asked);
          return { ...reply, value: { items: [], nextPage: `page_${page++}` } };
        };
      }
      await passSeconds(12 * 60);
      expect(fullReads()).not.toContain(null);
      const [first, from] = [mostFurtherPages(0), fleet.clock.monotonic()];
      expect(first).toBeGreaterThan(PER_MINUTE / 2);
      expect(first).toBeLessThanOrEqual((3 * PER_MINUTE) / 4 + 2 * pages.length);
      await passSeconds(12 * 60);
      expect(mostFurtherPages(from + MINUTE)).toBeGreaterThan(PER_MINUTE / 8);
      // Pages on which new items are looked for are not counted among them.
      const front = isEndless ? 12 : 2 * pages.length;
      expect(mostFurtherPages(from + MINUTE)).toBeLessThanOrEqual(PER_MINUTE / 4 + front);
    },
  );

  it('show a list of 100 pages for the first time as soon as the budget allows', async () => {
    given([100, 1, 1]);
    await passSeconds(30);
    expect(fullReads()).not.toContain(null);
  });

  it('take equally long, however long the lists are', async () => {
    given([20, 40, 200, 200]);
    await passSeconds(40 * 60);
    // 460 pages at 60 a minute.
    for (const at of fullReads()) expect(fleet.clock.now() - at!).toBeLessThan(12 * MINUTE);
  });

  it('leave the stats of others as they are', async () => {
    given([200, 200, 1, 1, 1, 1]);
    let latest = 0;
    for (let n = 0; n < 20 * 60; n++) {
      await fleet.clock.advance(1000);
      if (n > 60) latest = Math.max(latest, ...fleet.ages('stats'));
    }
    expect(latest).toBeLessThan(25_000);
  });
});
