import type { EpochMs } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import type { Switches } from './switches.ts';

/** The enqueue stamp was recorded 100 to 150 ms after `created_at` (docs/design/work-api.md#started_at). */
const ENQUEUE_STAMP_MS = { least: 100, spread: 50 } as const;
/** Every list of every environment writes the stamps of the same items again, and a text takes longer to make than the rest of an item. */
const MOST_TEXTS = 65_536;

/** The API's clock, which may be ahead of the world's, and its stamps, in microseconds. */
export class ApiStamps {
  /** Milliseconds by which the API's stamps are ahead of the world's time. */
  skewMs = 0;
  readonly #switches: Switches;
  readonly #texts = new Map<EpochMs, string>();

  constructor(switches: Switches) {
    this.#switches = switches;
  }

  /** The stamp of a moment. */
  at(now: EpochMs): EpochMs {
    return toMicroseconds(now + this.skewMs);
  }

  /** The moment of a stamp, in the world's time. */
  moment(stamp: EpochMs): EpochMs {
    return stamp - this.skewMs;
  }

  /** A stamp as the API writes it. */
  text(stamp: EpochMs): string {
    const known = this.#texts.get(stamp);
    if (known !== undefined) return known;
    if (this.#texts.size === MOST_TEXTS) this.#texts.clear();
    const text = formatTimestamp(stamp, this.#switches.fractionDigits);
    this.#texts.set(stamp, text);
    return text;
  }

  textOrNull(stamp: EpochMs | null): string | null {
    return stamp === null ? null : this.text(stamp);
  }

  /** The `started_at` that an item queued now will have: a moment later, or nothing. */
  enqueued(now: EpochMs, random: Random): EpochMs | null {
    const offset = ENQUEUE_STAMP_MS.least + ENQUEUE_STAMP_MS.spread * random();
    return this.#switches.startedAt === 'enqueue' ? this.at(now + offset) : null;
  }

  /** A stamp later than the previous one, however quickly they follow, so that no two are equal. */
  after(now: EpochMs, previous: EpochMs | null): EpochMs {
    return Math.max(this.at(now), toMicroseconds((previous ?? 0) + 0.001));
  }
}

function toMicroseconds(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}

/**
 * RFC 3339 in UTC with a fixed number of digits of a second, 0 to 9; finer digits are rounded.
 *
 * @throws RangeError when `ms` is not a finite time between the years 0 and 9999
 */
export function formatTimestamp(ms: EpochMs, fractionDigits = 6): string {
  const digits = Math.min(fractionDigits, 6);
  const unit = 10 ** digits;
  // In two parts: an epoch in whole microseconds fits a double exactly, but not after a multiplication that rounds.
  const wholeSeconds = Math.floor(ms / 1000);
  const fraction = Math.round(((ms - wholeSeconds * 1000) / 1000) * unit);
  const carried = fraction === unit;
  const text = new Date((wholeSeconds + (carried ? 1 : 0)) * 1000).toISOString();
  if (text.length !== 24) throw new RangeError(`${ms} ms is outside the years 0 to 9999`);
  const base = text.slice(0, 19);
  if (fractionDigits === 0) return `${base}Z`;
  return `${base}.${String(carried ? 0 : fraction)
    .padStart(digits, '0')
    .padEnd(fractionDigits, '0')}Z`;
}
