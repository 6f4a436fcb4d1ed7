import type { CancelTimer, Clock } from '../../base/clock.ts';
import type { HttpWorkApi } from '../../client/http-work-api.ts';

/** Replaced connections, which may finish their requests until a deadline. */
export class RetiredConnections {
  readonly #clock: Pick<Clock, 'setTimer'>;
  readonly #closing = new Map<HttpWorkApi, CancelTimer>();

  constructor(clock: Pick<Clock, 'setTimer'>) {
    this.#clock = clock;
  }

  /** Lets requests under way finish: cutting them off would look like an outage of environments that nobody changed. */
  add(api: HttpWorkApi, deadlineMs: number): void {
    const cancel = this.#clock.setTimer(deadlineMs, () => {
      this.#closing.delete(api);
      void api.close();
    });
    this.#closing.set(api, cancel);
  }

  /** Ends their requests now. */
  async close(): Promise<void> {
    const all = [...this.#closing];
    this.#closing.clear();
    for (const [, cancel] of all) cancel();
    await Promise.all(all.map(([api]) => api.close()));
  }
}
