import type { CancelTimer, Clock } from '../base/clock.ts';
import type { TokenSource } from '../domain/request-budget.ts';
import type { StateStore } from '../state/environment-state.ts';
import { connectionPaused } from '../state/pause.ts';
import type { PollLog } from './log/poll-log.ts';

/** The same moment, computed from two clocks, may differ by this much. */
const ROUNDING_MS = 1;

export interface PausedConnection {
  readonly name: string;
  readonly budget: Pick<TokenSource, 'pauseMs' | 'isRateLimited'>;
  /** The same array as long as the ids are the same. */
  readonly environmentIds: readonly string[];
}

interface ConnectionPauseDeps {
  readonly states: StateStore;
  readonly clock: Clock;
  readonly log: Pick<PollLog, 'connectionPaused' | 'connectionResumed'>;
  /** Called when the pause that is shown should be over. */
  ended(): void;
}

/** Shows a pause after a 429 on every environment of the connection: none of them is read, whichever got the 429. */
export class ConnectionPause {
  readonly #deps: ConnectionPauseDeps;
  /** End of the pause that is shown, on the own clock; null while none is shown. */
  #shownUntil: number | null = null;
  /** The environments that show this pause. */
  #shownOn: readonly string[] = [];
  #isLogged = false;
  #cancelTimer: CancelTimer = () => {};

  constructor(deps: ConnectionPauseDeps) {
    this.#deps = deps;
  }

  /** Shows the pause of the budget, or its end, in the states and the log. */
  update({ name, budget, environmentIds }: PausedConnection): void {
    const { clock, log } = this.#deps;
    const { pauseMs, isRateLimited } = budget;
    const until = pauseMs > 0 ? clock.now() + pauseMs : null;
    const moved = until === null || this.#shownUntil === null || Math.abs(until - this.#shownUntil) > ROUNDING_MS;
    const changed = until !== this.#shownUntil && moved;
    if (changed) {
      this.#shownUntil = until;
      this.#cancelTimer();
      if (until !== null) this.#cancelTimer = clock.setTimer(pauseMs, this.#deps.ended);
    }
    // This runs at every dispatch, so the fleet is visited only if the pause or the fleet has changed.
    if (changed || environmentIds !== this.#shownOn) this.#show(environmentIds);
    if (until !== null && !this.#isLogged) log.connectionPaused(name, until);
    if (until === null && !isRateLimited && this.#isLogged) log.connectionResumed(name);
    this.#isLogged = until !== null || (this.#isLogged && isRateLimited);
  }

  #show(environmentIds: readonly string[]): void {
    const { states } = this.#deps;
    this.#shownOn = environmentIds;
    for (const id of environmentIds) {
      if ((states.get(id)?.pausedUntil ?? null) === this.#shownUntil) continue;
      states.update(id, (state) => connectionPaused(state, this.#shownUntil));
    }
  }

  stop(): void {
    this.#cancelTimer();
  }
}
