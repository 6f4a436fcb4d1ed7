import { expect, it } from 'vitest';
import { Story } from './counting/story.ts';

const STOPPED = 100_000;
const PAGE_ROWS = 1000;
const LIST_INTERVAL_MS = 30_000;
const MINUTE = 60_000;
const MINUTES = 30;
/** Of the pages that every read would take if it read the whole list. */
const MOST_OF_NAIVE = 0.2;
/** For two reads of the list. */
const SOON_MS = 70_000;

/** An item for each minute of the past, the newest an hour old. */
function fill(story: Story): void {
  for (let n = STOPPED; n > 0; n--) story.createEnded((n + 60) * MINUTE);
}

it('a list of 100,000 stopped items costs a fifth of reading it, and what is new in it is soon seen and counted once', {
  timeout: 600_000,
}, async () => {
  await using story = new Story();
  let pages = 0;
  story.api.beforePage = () => {
    pages++;
  };
  await story.begin(fill, {
    poll: { stats_interval: '15s', list_interval: '30s', full_list_interval: '5m' },
  });
  await story.pass(10 * MINUTE);
  pages = 0;
  const from = story.clock.now();
  for (let created = 1; story.clock.now() < from + MINUTES * MINUTE; created++) {
    const id = story.create();
    await story.pass(SOON_MS);
    expect(await story.counts()).toMatchObject({ created, queued: 1 });
    story.acknowledge(id);
    await story.pass(SOON_MS);
    expect(await story.counts()).toMatchObject({ acknowledged: created, active: 1 });
    story.end(id);
    await story.pass(SOON_MS);
    expect(await story.counts()).toEqual({ created, acknowledged: created, stopped: created });
  }
  const naive = ((story.clock.now() - from) / LIST_INTERVAL_MS) * (STOPPED / PAGE_ROWS);
  expect(pages).toBeGreaterThan(0);
  expect(pages).toBeLessThanOrEqual(MOST_OF_NAIVE * naive);
});
