import { seededRandom } from '../../../src/base/random.ts';
import { switchesFor } from '../../../src/simulator/queue/preset-switches.ts';
import { Rejection } from '../../../src/simulator/queue/rejection.ts';
import type { Switches } from '../../../src/simulator/queue/switches.ts';
import { WorkQueue } from '../../../src/simulator/queue/work-queue.ts';

export const START = Date.UTC(2026, 10, 24, 12);

export const s = (seconds: number) => START + seconds * 1000;

export function queueWith(changes: Partial<Switches> = {}): WorkQueue {
  return new WorkQueue({ switches: switchesFor('anthropic', changes), random: seededRandom(1) });
}

export function refusalOf(run: () => unknown): Rejection {
  try {
    run();
  } catch (error) {
    if (error instanceof Rejection) return error;
    throw error;
  }
  throw new Error('it was not refused');
}

export const poller = { workerId: 'w1' };

/** An item that is active since second 1. */
export function activeItem(queue: WorkQueue): { id: string; heartbeat: string } {
  const { id } = queue.create(s(0));
  queue.poll(s(0.5), poller);
  queue.ack(s(0.6), id);
  return { id, heartbeat: queue.heartbeat(s(1), id, { expected: 'NO_HEARTBEAT' }).lastHeartbeat };
}
