import { expect, it } from 'vitest';
import { ObservedText } from '../../../src/metrics/exposition/observed-text.ts';
import { collectGarbage } from '../../support/collect-garbage.ts';
import { noTransitions } from '../../support/expositions.ts';
import { buildItem, buildItems, buildState, buildStats, NOW } from '../../support/states.ts';

const ENVIRONMENTS = 640;
const MOST_BYTES = 2400;

/** What is kept of an environment besides its text, for the next scrape. */
async function keptBytes(environments: number): Promise<number> {
  const watched = Array.from({ length: environments }, (_, index) => {
    const items = buildItems([buildItem(`work_${index}`)]);
    return buildState(`env_01abcdefghijklmnop${index}`, { items, lifecycle: noTransitions() });
  });
  const text = new ObservedText(() => Promise.resolve());
  const before = await usedBytes();
  const pieces = await text.write(watched, { now: NOW, format: 'prometheus', skewMs: () => 0 });
  const kept = (await usedBytes()) - before;
  // After the measurement, so that all of it is still needed then.
  const again = await text.write(watched, { now: NOW, format: 'prometheus', skewMs: () => 0 });
  expect(again.every((piece, index) => piece.equals(pieces[index]!))).toBe(true);
  return kept / environments;
}

async function usedBytes(): Promise<number> {
  await collectGarbage();
  return process.memoryUsage().heapUsed;
}

it(`an exposition keeps at most ${MOST_BYTES} bytes of an environment besides its text`, async () => {
  // Code that runs for the first time is compiled, which takes memory, too.
  await keptBytes(ENVIRONMENTS);
  const bytes = await keptBytes(ENVIRONMENTS);
  expect(bytes).toBeGreaterThan(500);
  expect(bytes).toBeLessThanOrEqual(MOST_BYTES);
});

it('text takes no memory but its own where text that was written with it has been replaced', async () => {
  const text = new ObservedText(() => Promise.resolve());
  const write = (read: number) => {
    const watched = Array.from({ length: ENVIRONMENTS }, (_, index) => {
      const { stats, list } = buildState().operations;
      return buildState(`env_01abcdefghijklmnop${index}`, {
        lifecycle: noTransitions({ created: read, acknowledged: read, stopped: read }),
        operations: { stats: { ...stats, requests: read }, list: { ...list, requests: read } },
        queue: { observedAt: NOW, stats: buildStats({ depth: read, pending: read, workersPolling: read }) },
      });
    });
    return text.write(watched, { now: NOW, format: 'prometheus', skewMs: () => 0 });
  };
  const before = await arrayBufferBytes();
  await write(1);
  const pieces = await write(2);
  const kept = (await arrayBufferBytes()) - before;
  const own = pieces.reduce((bytes, { length }) => bytes + length, 0);
  expect(kept).toBeGreaterThan(own);
  expect(kept).toBeLessThan(1.1 * own);
});

async function arrayBufferBytes(): Promise<number> {
  await collectGarbage();
  return process.memoryUsage().arrayBuffers;
}
