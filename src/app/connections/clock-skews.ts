import type { Clock } from '../../base/clock.ts';
import type { ClockSample } from '../../client/clock/clock-sample.ts';
import { isWellSampled, withClockSample } from '../../client/clock/clock-skew.ts';
import { likelySkewMs, measuredSkewMs, NO_SKEW, type SkewEstimate } from '../../client/clock/skew-estimate.ts';
import { RecentIds } from '../../client/recent-ids.ts';
import type { ConnectionConfig } from '../../config/config.ts';

/**
 * An unconfirmed date further behind would make weeks of old items count as new. If the own clock really is that far
 * ahead, counting begins as soon as this is confirmed, within a few reads.
 */
const MOST_BEHIND_MS = 86_400_000;
/** How many request ids are remembered per connection: an answer that is repeated is old and says nothing about the clock. */
const REMEMBERED_IDS = 128;

interface Known {
  estimate: SkewEstimate;
  readonly requestIds: RecentIds;
}

/** What is known of each connection's API clock. */
export class ClockSkews {
  readonly #clock: Clock;
  readonly #connections = new Map<string, Known>();
  #baseUrls: ReadonlyMap<string, string> = new Map();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  sampled(sample: ClockSample): void {
    const { connection, requestId } = sample;
    const known = this.#connections.get(connection) ?? { estimate: NO_SKEW, requestIds: new RecentIds(REMEMBERED_IDS) };
    this.#connections.set(connection, known);
    const now = this.#now();
    if (isWellSampled(known.estimate, now)) return;
    if (requestId !== null && known.requestIds.add(requestId)) return;
    known.estimate = withClockSample(known.estimate, sample, now);
  }

  /** What to add to own time to get API time, ms: 0 while unknown, or as long as the clocks may agree. */
  correctionMs(connection: string): number {
    return this.#connections.get(connection)?.estimate.correctionMs ?? 0;
  }

  /** API clock − own clock, ms; null without a conclusive answer in the last ten minutes. */
  measuredMs(connection: string): number | null {
    const known = this.#connections.get(connection);
    return known === undefined ? null : measuredSkewMs(known.estimate, this.#now());
  }

  /**
   * The measured skew or, failing that, what a single answer suggests and nothing acts on yet, ms; null without one.
   */
  likelyMs(connection: string): number | null {
    const known = this.#connections.get(connection);
    return known === undefined ? null : likelySkewMs(known.estimate, this.#now());
  }

  /**
   * What to add to own time, ms, to get the API time from which transitions are counted: good enough before any sample
   * is confirmed.
   */
  historyMs(connection: string): number {
    const likelyMs = this.likelyMs(connection);
    return likelyMs === null || likelyMs < -MOST_BEHIND_MS ? this.correctionMs(connection) : likelyMs;
  }

  /** Takes over the connections of a configuration. One that is gone, or now goes to another API, is forgotten. */
  keep(connections: readonly Pick<ConnectionConfig, 'name' | 'baseUrl'>[]): void {
    const before = this.#baseUrls;
    this.#baseUrls = new Map(connections.map(({ name, baseUrl }) => [name, baseUrl]));
    for (const name of this.#connections.keys()) {
      const url = this.#baseUrls.get(name);
      if (url === undefined || url !== before.get(name)) this.#connections.delete(name);
    }
  }

  #now() {
    return { wall: this.#clock.now(), monotonic: this.#clock.monotonic() };
  }
}
