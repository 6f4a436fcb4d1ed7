import type { CancelTimer, Clock, Random } from '../base/clock.ts';

/** After a 429 that names no time: a random pause of up to 5 s, up to twice as long with each further one. */
const FIRST_PAUSE_MS = 5000;
const LONGEST_PAUSE_MS = 120_000;
/** After a pause the rate is halved, and regains this part of the configured rate every ten seconds. */
const RECOVERY_SHARE = 0.05;
const RECOVERY_STEP_MS = 10_000;
/** Rounding must not keep a request waiting. */
const ONE_TOKEN = 1 - 1e-9;

/**
 * The right to send requests over one connection. Burst and a minute's refill add up to the limit, so no 60 s have more
 * requests, wherever they begin. It outlives a reload (`setLimit`), so reloading is no way around it.
 *
 * A token is taken right before its request is sent: none is kept, outdated or given back.
 */
export class Budget {
  readonly #clock: Clock;
  readonly #random: Random;
  /** Those whose turn has not come, first come, first served. */
  readonly #waiting = new Set<() => void>();
  #perMinute: number;
  #tokens: number;
  #filledAt: number;
  #pausedUntil = Number.NEGATIVE_INFINITY;
  #limitedInARow = 0;
  /** The part of the rate that was left at the end of the last pause. */
  #share = 1;
  /** While one has its turn, only that one may take. */
  #isTurn = false;
  #taken = 0;
  #limited = 0;
  /** Times of the requests of the last minute. */
  readonly #recent: number[] = [];
  #cancelTimer: CancelTimer = () => {};

  constructor(perMinute: number, { clock, random }: { readonly clock: Clock; readonly random: Random }) {
    this.#clock = clock;
    this.#random = random;
    this.#perMinute = perMinute;
    this.#filledAt = clock.monotonic();
    this.#tokens = Math.min(2, this.#burst);
  }

  /** Requests a minute as configured: a pause after a 429 is no reason to plan for fewer. */
  get perMinute(): number {
    return this.#perMinute;
  }

  /** Requests a minute that are allowed now: fewer for a while after a 429. */
  get allowedPerMinute(): number {
    return this.#perMinute * this.#rateShare;
  }

  /** Requests since the start, and how many of them were answered with 429. */
  get taken(): number {
    return this.#taken;
  }

  get limited(): number {
    return this.#limited;
  }

  /** Milliseconds until a pause after a 429 ends; 0 when there is none. */
  get pauseMs(): number {
    return Math.max(0, this.#pausedUntil - this.#clock.monotonic());
  }

  /** True from a 429 until the first other answer after its pause. */
  get isRateLimited(): boolean {
    return this.#limitedInARow > 0;
  }

  /** Whether there is a token that nobody waits for. */
  get isFree(): boolean {
    return this.#untilTokenMs() === 0 && (this.#isTurn || this.#waiting.size === 0);
  }

  /** The part of the limit that the last minute has not used, 0 to 1; 0 in a pause. What can wait is sent while there is much. */
  get spare(): number {
    this.#fill();
    return this.pauseMs > 0 ? 0 : Math.max(0, 1 - this.#recent.length / this.allowedPerMinute);
  }

  /** After a reload: tokens taken and a pause under way still count. */
  setLimit(perMinute: number): void {
    this.#fill();
    this.#perMinute = perMinute;
    this.#serve();
  }

  /** Takes a token if there is one that nobody waits for. */
  tryTake(): boolean {
    if (!this.isFree) return false;
    this.#tokens -= 1;
    this.#taken++;
    this.#isTurn = false;
    this.#recent.push(this.#clock.monotonic());
    return true;
  }

  /** Resolves once a token is taken, first come, first served. If the signal aborts first, rejects with its reason. */
  take(signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (this.tryTake()) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const giveUp = () => {
        leave();
        reject(signal?.reason);
      };
      const leave = this.turn(() => {
        signal?.removeEventListener('abort', giveUp);
        this.tryTake();
        resolve();
      });
      signal?.addEventListener('abort', giveUp, { once: true });
    });
  }

  /**
   * Calls `run` once, when there is a token and all who asked before have had their turn: what `run` takes at once is not
   * taken from others. For a caller that decides only then what to send. Returns the function that ends the wait.
   */
  turn(run: () => void): () => void {
    const waiter = () => run();
    this.#waiting.add(waiter);
    this.#serve();
    return () => {
      if (this.#waiting.delete(waiter)) this.#serve();
    };
  }

  /** What the API answered to a request: 429, with the wait that it asks for, or (null) anything else. */
  answered(limited: { readonly retryAfterMs: number | null } | null): void {
    const now = this.#clock.monotonic();
    if (limited === null) {
      // Answers to requests from before the pause prove nothing.
      if (now >= this.#pausedUntil) this.#limitedInARow = 0;
      return;
    }
    this.#limited++;
    this.#fill();
    const askedMs = limited.retryAfterMs ?? 0;
    if (now < this.#pausedUntil) {
      // To a request that was under way: it says nothing of the rate.
      this.#pausedUntil = Math.max(this.#pausedUntil, now + askedMs);
    } else {
      const longest = Math.min(FIRST_PAUSE_MS * 2 ** this.#limitedInARow, LONGEST_PAUSE_MS);
      this.#limitedInARow++;
      this.#share = this.#rateShare / 2;
      this.#pausedUntil = now + (askedMs > 0 ? askedMs : longest * this.#random());
    }
    this.#serve();
  }

  /** Gives those their turn for whom there is a token, and sleeps until there is the next one. */
  #serve(): void {
    this.#cancelTimer();
    if (this.#isTurn) return;
    for (const run of this.#waiting) {
      const waitMs = this.#untilTokenMs();
      if (waitMs > 0) {
        this.#cancelTimer();
        this.#cancelTimer = this.#clock.setTimer(Math.max(1, Math.ceil(waitMs)), () => this.#serve());
        return;
      }
      this.#waiting.delete(run);
      this.#isTurn = true;
      run();
      this.#isTurn = false;
    }
  }

  #untilTokenMs(): number {
    this.#fill();
    const refillMs = this.#tokens >= ONE_TOKEN ? 0 : (ONE_TOKEN - this.#tokens) / this.#perMs;
    // While the rate recovers, a token comes sooner than today's rate suggests: look again after the next step.
    return Math.max(this.pauseMs, this.#rateShare < 1 ? Math.min(refillMs, RECOVERY_STEP_MS) : refillMs);
  }

  /** Below 4 a minute, a burst of 2 would leave nothing to refill with. From 480 on, it is what a second allows. */
  get #burst(): number {
    const perMinute = this.#perMinute;
    return perMinute < 4 ? 1 : Math.max(2, Math.min(8, perMinute / 30), perMinute / 60);
  }

  /** Tokens that flow in per millisecond. */
  get #perMs(): number {
    return (this.#rateShare * Math.max(this.#perMinute - this.#burst, this.#perMinute / 2)) / 60_000;
  }

  get #rateShare(): number {
    const steps = Math.floor(Math.max(0, this.#clock.monotonic() - this.#pausedUntil) / RECOVERY_STEP_MS);
    return Math.min(1, this.#share === 1 ? 1 : this.#share + RECOVERY_SHARE * steps);
  }

  /** Adds what has flowed in, and forgets what was taken before the last minute; to be called before the rate or the limit changes. After a pause there is one token. */
  #fill(): void {
    const now = this.#clock.monotonic();
    const since = Math.max(this.#filledAt, Math.min(now, this.#pausedUntil));
    if (since > this.#filledAt) this.#tokens = Math.min(1, this.#tokens);
    this.#tokens = Math.min(this.#burst, this.#tokens + (now - since) * this.#perMs);
    this.#filledAt = now;
    while (this.#recent[0]! <= now - 60_000) this.#recent.shift();
  }
}
