import { expect, it } from 'vitest';
import { jitter, seededRandom } from '../../src/base/random.ts';
import { environment } from '../support/environments.ts';
import { FakeWorkList } from '../support/fake-work-list.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { ListReader } from './list-reader.ts';

const MINUTE = 60_000;
const LIMIT = 10;
const SCANS = 120;

/** The longest that a page of a list was not read, and the pages that were read, with reads ±10 % of `everyMs` apart. */
async function longestUnread(pages: number, { everyMs, fullMs }: { everyMs: number; fullMs: number }) {
  const clock = new ManualClock();
  const list = new FakeWorkList({ order: 'newest', cursors: 'keyset' });
  for (let n = 0; n < pages * LIMIT; n++) {
    const at = clock.now() - (n + 60) * MINUTE;
    list.add(at, { state: 'stopped', acknowledgedAt: at, stoppedAt: at });
  }
  const poll = { ...environment('env_1').poll, listIntervalMs: everyMs, fullListIntervalMs: fullMs };
  const connection = { pageSize: LIMIT, fallbackPageSize: LIMIT };
  const reader = new ListReader({ api: list, clock, environment: { poll }, connection });
  const readAt = new Map<string | null, number>();
  let longest = 0;
  list.before = ({ page }) => {
    longest = Math.max(longest, clock.monotonic() - (readAt.get(page) ?? clock.monotonic()));
    readAt.set(page, clock.monotonic());
  };
  const random = seededRandom(pages);
  for (let n = 0; n < SCANS; n++) {
    await reader.read();
    await clock.advance(jitter(everyMs, 0.1, random));
  }
  for (const at of readAt.values()) longest = Math.max(longest, clock.monotonic() - at);
  return { longest, pages: readAt.size, requests: list.requests.length };
}

it.each([
  { pages: 5, everyMs: 30_000, fullMs: 5 * MINUTE },
  { pages: 7, everyMs: 15_000, fullMs: 5 * MINUTE },
  { pages: 40, everyMs: 30_000, fullMs: 5 * MINUTE },
  { pages: 100, everyMs: 30_000, fullMs: 5 * MINUTE },
  { pages: 100, everyMs: 30_000, fullMs: 15 * MINUTE },
  { pages: 33, everyMs: 60_000, fullMs: 5 * MINUTE },
  { pages: 100, everyMs: 15_000, fullMs: 10 * MINUTE },
])(
  'reads each of $pages pages again within $fullMs ms, and hardly sooner, with reads $everyMs ms apart',
  async ({ pages, everyMs, fullMs }) => {
    const seen = await longestUnread(pages, { everyMs, fullMs });
    expect(seen.pages).toBe(pages);
    expect(seen.longest).toBeLessThanOrEqual(fullMs);
    // A full scan begins at most a read and a half too early; each read looks at the first page.
    const fullScans = (SCANS * everyMs) / (fullMs - 1.5 * everyMs);
    expect(seen.requests).toBeLessThanOrEqual(SCANS + (1 + fullScans) * pages);
  },
);
