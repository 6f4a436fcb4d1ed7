import { expect, it } from 'vitest';
import type { WorkApi, WorkPage } from '../../../src/client/work-api.ts';
import type { WorkItem } from '../../../src/domain/work.ts';
import { ItemRoom } from '../../../src/scan/memory/item-room.ts';
import { collectGarbage } from '../../support/collect-garbage.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { buildItem } from '../../support/states.ts';
import { ListReader } from '../list-reader.ts';

const PAGES = 60;
const MOST_KIB = 350;

interface Endless {
  readonly rows?: number;
  readonly createdAt: (row: number, now: number) => number | null;
  readonly cursorLength?: number;
}

/** An API whose list has a next page at every page, of stopped items that were never seen before. */
function endlessList({ rows = 1000, createdAt, cursorLength = 20 }: Endless, now: number): WorkApi {
  const { item } = buildItem('work', { state: 'stopped' });
  const old = { acknowledgedAt: null, startedAt: null, stopRequestedAt: null, stoppedAt: null };
  let pages = 0;
  const page = (): WorkPage => {
    const first = pages++ * rows;
    const items = Array.from({ length: rows }, (_, n): WorkItem => {
      return {
        ...item,
        ...old,
        id: `work_01${String(first + n).padStart(20, '0')}`,
        createdAt: createdAt(first + n, now),
      };
    });
    return { items, nextPage: `${pages}`.padStart(cursorLength, 'x') };
  };
  const reply = { httpStatus: 200, requestId: null, credential: 'api_key', requests: 1 } as const;
  return {
    listPage: async () => ({ ...reply, value: page() }),
    credentialFor: () => null,
  } as unknown as WorkApi;
}

/** KiB that are kept of a list after that many pages of its first full scan, while the scan waits for a permit. */
async function keptKib(list: Endless, pages: number): Promise<number> {
  const clock = new ManualClock();
  const before = await usedBytes();
  let waiting: () => void = () => {};
  const waits = new Promise<void>((resolve) => {
    waiting = resolve;
  });
  let permits = pages - 3;
  const never = new AbortController();
  const reader = new ListReader({
    api: endlessList(list, clock.now()),
    clock,
    room: new ItemRoom(0),
    permits: {
      tryTake: () => true,
      take: (signal) => {
        if (permits-- > 0) return Promise.resolve();
        waiting();
        return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
      },
    },
  });
  const read = reader.read(never.signal);
  await waits;
  const kept = ((await usedBytes()) - before) / 1024;
  expect(reader.scanState.fullScans.current).toMatchObject({ pages });
  never.abort();
  await read;
  return kept;
}

async function usedBytes(): Promise<number> {
  await collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

// A page of a thousand items takes about 400 KiB.
it.each<[what: string, list: Endless]>([
  ['new items come first', { createdAt: (row, now) => now - 86_400_000 - row }],
  ['new items come last', { createdAt: (row, now) => now - 86_400_000 + row }],
  ['no item has a date', { createdAt: () => null }],
  ['all items have one date, which is in the future', { createdAt: (_, now) => now + 86_400_000 }],
  ['pages have more rows than were asked for', { rows: 5000, createdAt: () => null }],
  ['cursors are as long as they may be', { rows: 10, createdAt: (row, now) => now - row, cursorLength: 4096 }],
])(`a full scan under way keeps at most ${MOST_KIB} KiB of ${PAGES} pages of history: %s`, async (_, list) => {
  // Code that runs for the first time is compiled, which takes memory, too.
  await keptKib(list, 4);
  expect(await keptKib(list, PAGES)).toBeLessThanOrEqual(MOST_KIB);
});
