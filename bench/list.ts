import { Story } from '../test/e2e/counting/story.ts';
import type { Figures } from './run.ts';

const STOPPED = 100_000;
const PAGE_ROWS = 1000;
const LIST_INTERVAL_MS = 30_000;
const MINUTE = 60_000;
const MINUTES = 60;

/** A real exporter on a clock that does not wait, at the default intervals, beside a read of every page each time. */
export async function measureList(): Promise<Figures> {
  await using story = new Story();
  let pages = 0;
  story.api.beforePage = () => {
    pages++;
  };
  const fill = () => {
    for (let n = STOPPED; n > 0; n--) story.createEnded((n + 60) * MINUTE);
  };
  await story.begin(fill, { poll: {} });
  await story.pass(10 * MINUTE);
  pages = 0;
  const from = story.clock.now();
  while (story.clock.now() < from + MINUTES * MINUTE) {
    const id = story.create();
    await story.pass(2 * LIST_INTERVAL_MS);
    story.end(id);
  }
  const reads = (story.clock.now() - from) / LIST_INTERVAL_MS;
  const [own, naive] = [pages / reads, STOPPED / PAGE_ROWS];
  return { '100,000 stopped items: requests / naive read': [own / naive, `${own.toFixed(1)} of ${naive} a read`] };
}
