import { expect, it } from 'vitest';
import { seededRandom } from '../../src/base/random.ts';
import { Poller } from '../../src/poller/poller.ts';
import { MemoryStateStore } from '../../src/state/store.ts';
import { collectGarbage } from '../support/collect-garbage.ts';
import { environment } from '../support/environments.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { pollConnection } from '../support/poll-connection.ts';
import { ScriptedWorkApi } from '../support/scripted-work-api.ts';
import { SILENT_POLL_LOG } from '../support/silent-poll-log.ts';
import { pollBenchFleet } from './bench-fleet.ts';

const ENVIRONMENTS = 1000;
const MOST_BYTES = 2200;

/** What a poller keeps of an environment that it was not allowed to read yet. */
async function keptBytes(environments: number): Promise<number> {
  const targets = Array.from({ length: environments }, (_, n) => ({
    environment: environment(`env_${n}`),
    attempted: { stats: true, list: true },
  }));
  const poller = new Poller({
    states: new MemoryStateStore(),
    clock: new ManualClock(),
    random: seededRandom(1),
    log: SILENT_POLL_LOG,
  });
  const before = await usedBytes();
  poller.watch([pollConnection({ api: new ScriptedWorkApi() })], targets);
  const kept = (await usedBytes()) - before;
  // After the measurement, so that all of it is still needed then.
  await poller.stop();
  return kept / environments;
}

async function usedBytes(): Promise<number> {
  await collectGarbage();
  return process.memoryUsage().heapUsed;
}

it(`an environment that waits for its first reads takes at most ${MOST_BYTES} bytes of the poller`, async () => {
  // Code that runs for the first time is compiled, which takes memory, too.
  await keptBytes(10);
  const bytes = await keptBytes(ENVIRONMENTS);
  expect(bytes).toBeGreaterThan(1000);
  expect(bytes).toBeLessThanOrEqual(MOST_BYTES);
});

it('a page of 100 items of which 80 have stopped takes at most a third of its bytes outside the heap', async () => {
  const polled = async (environments: number) => {
    await using fleet = await pollBenchFleet('changed', environments);
    for (let n = 0; n < 5; n++) await fleet.poll();
    await collectGarbage();
    expect(new Set(fleet.liveItems())).toEqual(new Set([20]));
    return process.memoryUsage().arrayBuffers;
  };
  const [few, many] = [await polled(10), await polled(110)];
  const bytes = (many - few) / 100;
  // The 20 live ones of 580 bytes, and where each item is.
  expect(bytes).toBeGreaterThan(20 * 580);
  expect(bytes).toBeLessThan(58_000 / 3);
});
