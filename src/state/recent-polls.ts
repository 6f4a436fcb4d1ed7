import type { EpochMs } from '../base/clock.ts';
import type { Operation } from '../domain/environment.ts';
import type { FailureReason } from '../domain/failure.ts';

/** How many polls and failures are kept for people: docs/reference.md#json-of-an-environment. */
export const RECENT = 20;

/** Numbers per poll: when it started, how many seconds it took, and its requests. */
const WIDTH = 3;
/** How many polls a log can hold: a full log is followed by another, which begins with the polls that are still shown. */
const LONGEST = 2 * RECENT;

export interface PollRecord {
  readonly at: EpochMs;
  readonly operation: Operation;
  readonly ok: boolean;
  readonly reason: FailureReason | null;
  readonly httpStatus: number | null;
  readonly requestId: string | null;
  readonly durationSeconds: number;
  readonly requests: number;
}

type PollOutcome = Omit<PollRecord, 'at' | 'durationSeconds' | 'requests'>;

interface PollLog {
  readonly numbers: number[];
  /** The outcome of each poll; null where none was written yet. */
  readonly outcomes: (PollOutcome | null)[];
  /** The end of the polls of this value: a later value may have written more behind it. */
  readonly end: number;
}

/** Outcomes of successful polls, by HTTP status: nothing else differs between them. */
const GOOD: Readonly<Record<Operation, Map<number | null, PollOutcome>>> = { stats: new Map(), list: new Map() };

/**
 * The last polls of an environment, as an immutable value. It shares its log with its successor, which only writes behind its
 * end: a record per poll would live for twenty polls and be freed only by a full garbage collection.
 */
export class RecentPolls {
  static readonly NONE = new RecentPolls({ numbers: [], outcomes: [], end: 0 });

  readonly #numbers: number[];
  readonly #outcomes: (PollOutcome | null)[];
  readonly #end: number;

  private constructor({ numbers, outcomes, end }: PollLog) {
    this.#numbers = numbers;
    this.#outcomes = outcomes;
    this.#end = end;
  }

  /** The same with one more poll. */
  with(poll: PollRecord): RecentPolls {
    const log = { numbers: this.#numbers, outcomes: this.#outcomes, end: this.#end };
    const { numbers, outcomes, end } = log.outcomes[log.end] === null ? log : continued(log);
    numbers[WIDTH * end] = poll.at;
    numbers[WIDTH * end + 1] = poll.durationSeconds;
    numbers[WIDTH * end + 2] = poll.requests;
    outcomes[end] = poll.ok ? goodOutcome(poll) : poll;
    return new RecentPolls({ numbers, outcomes, end: end + 1 });
  }

  newestFirst(): readonly PollRecord[] {
    return Array.from({ length: Math.min(this.#end, RECENT) }, (_, index) => {
      const place = this.#end - 1 - index;
      const { operation, ok, reason, httpStatus, requestId } = this.#outcomes[place]!;
      const [at = 0, durationSeconds = 0, requests = 0] = this.#numbers.slice(WIDTH * place);
      return { at, operation, ok, reason, httpStatus, requestId, durationSeconds, requests };
    });
  }
}

/** A new log with room for more polls, for when the old one is full or another value has already written to it. */
function continued({ numbers, outcomes, end }: PollLog): PollLog {
  const begun = Math.max(0, end - (RECENT - 1));
  const log = {
    // Allocated at their final length: growing arrays would keep spare room.
    numbers: new Array<number>(WIDTH * LONGEST).fill(Number.NaN),
    outcomes: new Array<PollOutcome | null>(LONGEST).fill(null),
    end: end - begun,
  };
  for (let place = begun; place < end; place++) log.outcomes[place - begun] = outcomes[place]!;
  for (let place = WIDTH * begun; place < WIDTH * end; place++) log.numbers[place - WIDTH * begun] = numbers[place]!;
  return log;
}

function goodOutcome({ operation, httpStatus }: PollRecord): PollOutcome {
  const known = GOOD[operation].get(httpStatus);
  if (known !== undefined) return known;
  const made = { operation, ok: true, reason: null, httpStatus, requestId: null };
  GOOD[operation].set(httpStatus, made);
  return made;
}
