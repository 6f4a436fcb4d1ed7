import type { Clock } from '../../base/clock.ts';
import type { WebSecurity } from '../../domain/server-settings.ts';

/** A token bucket for all clients together: it gains one token each interval, up to the burst, and starts full. */
export class RateLimit {
  readonly #clock: Pick<Clock, 'monotonic'>;
  #limit: WebSecurity['rateLimit'] = null;
  #tokens = 0;
  #countedAt = 0;

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
  }

  /** Takes a token, and returns null; without one, the seconds until the client may try again. */
  take(limit: WebSecurity['rateLimit']): number | null {
    if (limit === null) return null;
    const now = this.#clock.monotonic();
    const { intervalMs, burst } = limit;
    if (this.#limit?.intervalMs !== intervalMs || this.#limit.burst !== burst) {
      this.#limit = limit;
      this.#tokens = burst;
    } else this.#tokens = Math.min(burst, this.#tokens + (now - this.#countedAt) / intervalMs);
    this.#countedAt = now;
    if (this.#tokens < 1) return Math.max(1, Math.ceil(((1 - this.#tokens) * intervalMs) / 1000));
    this.#tokens--;
    return null;
  }
}
