import type { EpochMs } from '../../base/clock.ts';

/** Window of `workers_polling` (docs/design/work-api.md#queue-stats). */
const WINDOW_MS = 30_000;

/** Which workers polled in the last 30 s, by worker id. */
export class PollWindow {
  readonly #lastPoll = new Map<string, EpochMs>();

  seen(workerId: string, now: EpochMs): void {
    this.#lastPoll.set(workerId, now);
  }

  count(now: EpochMs): number {
    for (const [workerId, at] of this.#lastPoll) if (now - at >= WINDOW_MS) this.#lastPoll.delete(workerId);
    return this.#lastPoll.size;
  }
}
