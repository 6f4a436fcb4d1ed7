import { getHeapSpaceStatistics } from 'node:v8';
import { expect, it } from 'vitest';
import { collectGarbage, collectNewObjects } from '../support/collect-garbage.ts';
import { pollBenchFleet } from './bench-fleet.ts';

const ENVIRONMENTS = 20;
const POLLS = 20;
const SAMPLES = 5;
/** They take some seconds, and much longer where others need the machine, too. */
const MOST_MS = 120_000;

function oldBytes(): number {
  return getHeapSpaceStatistics().find(({ space_name }) => space_name === 'old_space')!.space_used_size;
}

// What is new at each poll and lives until the next one is old by then: only a garbage collection of the whole heap frees it,
// which costs more than all else that a poll does. It is 0.9 KiB of items and 2 KiB of states, and what still refers to them.
it.each([
  ['changed', 7],
  ['unchanged', 4],
])(
  'a poll of stats and a page of 100 items whose bodies are %s leaves at most %d KiB until a full garbage collection',
  async (bodies, most) => {
    await using fleet = await pollBenchFleet(bodies, ENVIRONMENTS);
    const poll = async (times: number) => {
      for (let n = 0; n < times; n++) {
        await fleet.poll();
        collectNewObjects();
      }
    };
    await poll(10);
    const samples: number[] = [];
    for (let n = 0; n < SAMPLES; n++) {
      await collectGarbage();
      await poll(1);
      const before = oldBytes();
      await poll(POLLS);
      samples.push((oldBytes() - before) / POLLS / ENVIRONMENTS / 1024);
    }
    // What failed leaves less.
    expect(new Set(fleet.liveItems())).toEqual(new Set([20]));
    // A full collection in between makes a sample too small, and code that was compiled too large.
    expect(samples.sort((a, b) => a - b)[Math.floor(SAMPLES / 2)]).toBeLessThanOrEqual(most);
  },
  MOST_MS,
);
