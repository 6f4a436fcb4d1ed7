import type { Clock, EpochMs } from '../../src/base/clock.ts';
import { ManualClock, settle } from './manual-clock.ts';
import { requestsUnderWay } from './under-way.ts';

/** The `timeout` of every connection. */
export const TIMEOUT_MS = 7777;
/** Turns of the event loop without a request after which none follows from the last answer. */
const IDLE_TURNS = 5;

/** Time that stands still while a request is under way: so nothing depends on how fast the machine is. */
export class StillClock {
  readonly clock: ManualClock;
  #latencies = 0;

  constructor(start?: EpochMs) {
    this.clock = new ManualClock(start, () => this.quiet());
  }

  /** The exporter's clock. */
  get own(): Clock {
    return this.clock;
  }

  /** The simulator's clock: while it waits on purpose, time has to pass. */
  get api(): Clock {
    return this.#counting((change) => {
      this.#latencies += change;
    });
  }

  async quiet(): Promise<void> {
    for (let turns = 0; turns < IDLE_TURNS; turns++) {
      await settle();
      if (requestsUnderWay() > this.#latencies) turns = 0;
    }
  }

  #counting(count: (change: 1 | -1) => void): Clock {
    const { clock } = this;
    return {
      now: () => clock.now(),
      monotonic: () => clock.monotonic(),
      setTimer: (delayMs, run) => {
        let pending = true;
        const end = () => {
          if (pending) count(-1);
          pending = false;
        };
        count(1);
        const cancel = clock.setTimer(delayMs, () => {
          end();
          run();
        });
        return () => {
          end();
          cancel();
        };
      },
    };
  }
}
