import { expect, it } from 'vitest';
import { bytesATurn } from '../support/bytes-a-turn.ts';
import { pollBenchFleet } from './bench-fleet.ts';

/** A round takes a tenth of a second, and much longer where others need the machine, too. */
const MOST_MS = 120_000;

// Its text and JSON.parse alone are 130 KiB. Of the items, only heartbeats are read where bodies change, and nothing where they do not.
it.each([
  ['changed', 80],
  ['unchanged', 73],
])(
  'a poll of stats and a page of 100 items whose bodies are %s allocates at most %d KiB',
  async (bodies, most) => {
    await using fleet = await pollBenchFleet(bodies, 1);
    const bytes = await bytesATurn(() => fleet.poll(), most * 1024);
    // What failed costs less.
    expect(fleet.liveItems()).toEqual([20]);
    expect(bytes / 1024).toBeLessThanOrEqual(most);
  },
  MOST_MS,
);
