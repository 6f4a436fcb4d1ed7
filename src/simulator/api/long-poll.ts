import { sleep } from '../../base/clock.ts';
import type { SimEnvironment } from '../queue/sim-environment.ts';
import type { PollRequest } from '../queue/work-queue.ts';
import type { WorkRecord } from '../queue/work-record.ts';
import type { Simulation } from '../world/simulation.ts';

/** How often a waiting poll checks for work that another request added, in real milliseconds. */
const LOOK_EVERY_MS = 50;

export interface LongPoll {
  readonly request: PollRequest;
  /** Real milliseconds to wait for work; 0 answers at once. */
  readonly blockMs: number;
  /** True once the client has gone: it must not be handed an item. */
  readonly gone: () => boolean;
}

/** Polls until there is work, `blockMs` are over or the client is gone. */
export async function waitForWork(
  simulation: Simulation,
  { queue }: SimEnvironment,
  { request, blockMs, gone }: LongPoll,
): Promise<WorkRecord | null> {
  const deadline = simulation.real.monotonic() + blockMs;
  for (;;) {
    if (gone()) return null;
    const work = queue.poll(simulation.catchUp(), request);
    const left = deadline - simulation.real.monotonic();
    if (work !== null || left <= 0) return work;
    await sleep(simulation.real, Math.min(left, LOOK_EVERY_MS));
  }
}
