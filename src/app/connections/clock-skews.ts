import type { Clock } from '../../base/clock.ts';
import { ApiClock } from '../../client/api-clock.ts';
import type { ClockSample } from '../../client/client-observer.ts';
import type { ConnectionConfig } from '../../config/config.ts';

/** What is known of each connection's API clock. */
export class ClockSkews {
  readonly #clock: Clock;
  readonly #clocks = new Map<string, ApiClock>();
  #baseUrls: ReadonlyMap<string, string> = new Map();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  sampled({ connection, date, sentAt, headersAt }: ClockSample): void {
    const known = this.#clocks.get(connection) ?? new ApiClock(this.#clock);
    this.#clocks.set(connection, known);
    known.answered(date, sentAt, headersAt);
  }

  /** What to add to own time to get API time, ms: 0 while unknown, or as long as the clocks may agree. */
  correctionMs(connection: string): number {
    return this.#clocks.get(connection)?.skewMs ?? 0;
  }

  /** API clock − own clock, ms; null before enough answers agree. */
  measuredMs(connection: string): number | null {
    return this.#clocks.get(connection)?.measuredMs ?? null;
  }

  /** Takes over the connections of a configuration. One that is gone, or now goes to another API, is forgotten. */
  keep(connections: readonly Pick<ConnectionConfig, 'name' | 'baseUrl'>[]): void {
    const before = this.#baseUrls;
    this.#baseUrls = new Map(connections.map(({ name, baseUrl }) => [name, baseUrl]));
    for (const name of this.#clocks.keys()) {
      const url = this.#baseUrls.get(name);
      if (url === undefined || url !== before.get(name)) this.#clocks.delete(name);
    }
  }
}
