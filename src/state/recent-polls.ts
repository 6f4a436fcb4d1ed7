import type { EpochMs } from '../base/clock.ts';
import type { Operation } from '../domain/environment.ts';
import type { FailureReason } from '../domain/failure.ts';

/** How many polls and failures are kept for people: docs/reference.md#json-of-an-environment. */
export const RECENT_POLLS = 20;

/** Numbers per poll: when it started, how many seconds it took, and its requests. */
const NUMBERS_PER_POLL = 3;
/** How many polls a buffer holds. A full one is followed by another, which begins with the polls that are still shown. */
const BUFFER_POLLS = 2 * RECENT_POLLS;

/** One finished poll, as it is kept for people. */
export interface PollRecord {
  /** When it started, on the own clock. */
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

interface PollBuffer {
  /** `NUMBERS_PER_POLL` of each poll. */
  readonly numbers: number[];
  /** The outcome of each poll; null where none was written yet. */
  readonly outcomes: (PollOutcome | null)[];
  /** The end of the polls of this value: a later value may have written more behind it. */
  readonly end: number;
}

/** Outcomes of successful polls, by HTTP status: nothing else differs between them. */
const GOOD_OUTCOMES: Readonly<Record<Operation, Map<number | null, PollOutcome>>> = {
  stats: new Map(),
  list: new Map(),
};

/**
 * The last polls of an environment, as an immutable value. It shares its buffer with its successor, which only writes behind
 * its end: a record per poll would live for twenty polls and be freed only by a full garbage collection.
 */
export class RecentPolls {
  static readonly NONE = new RecentPolls({ numbers: [], outcomes: [], end: 0 });

  readonly #numbers: number[];
  readonly #outcomes: (PollOutcome | null)[];
  readonly #end: number;

  private constructor({ numbers, outcomes, end }: PollBuffer) {
    this.#numbers = numbers;
    this.#outcomes = outcomes;
    this.#end = end;
  }

  /** The same with one more poll. */
  with(poll: PollRecord): RecentPolls {
    const buffer = { numbers: this.#numbers, outcomes: this.#outcomes, end: this.#end };
    const { numbers, outcomes, end } = buffer.outcomes[buffer.end] === null ? buffer : nextBuffer(buffer);
    numbers[NUMBERS_PER_POLL * end] = poll.at;
    numbers[NUMBERS_PER_POLL * end + 1] = poll.durationSeconds;
    numbers[NUMBERS_PER_POLL * end + 2] = poll.requests;
    outcomes[end] = poll.ok ? goodOutcome(poll) : poll;
    return new RecentPolls({ numbers, outcomes, end: end + 1 });
  }

  newestFirst(): readonly PollRecord[] {
    return Array.from({ length: Math.min(this.#end, RECENT_POLLS) }, (_, index) => {
      const place = this.#end - 1 - index;
      const { operation, ok, reason, httpStatus, requestId } = this.#outcomes[place]!;
      const [at = 0, durationSeconds = 0, requests = 0] = this.#numbers.slice(NUMBERS_PER_POLL * place);
      return { at, operation, ok, reason, httpStatus, requestId, durationSeconds, requests };
    });
  }
}

/** A new buffer for more polls, for when the old one is full or another value has already written behind the same end. */
function nextBuffer({ numbers, outcomes, end }: PollBuffer): PollBuffer {
  const begun = Math.max(0, end - (RECENT_POLLS - 1));
  const buffer = {
    // Allocated at their final length: growing arrays would keep spare room.
    numbers: new Array<number>(NUMBERS_PER_POLL * BUFFER_POLLS).fill(Number.NaN),
    outcomes: new Array<PollOutcome | null>(BUFFER_POLLS).fill(null),
    end: end - begun,
  };
  for (let place = begun; place < end; place++) buffer.outcomes[place - begun] = outcomes[place]!;
  for (let place = NUMBERS_PER_POLL * begun; place < NUMBERS_PER_POLL * end; place++)
    buffer.numbers[place - NUMBERS_PER_POLL * begun] = numbers[place]!;
  return buffer;
}

function goodOutcome({ operation, httpStatus }: PollRecord): PollOutcome {
  const known = GOOD_OUTCOMES[operation].get(httpStatus);
  if (known !== undefined) return known;
  const made = { operation, ok: true, reason: null, httpStatus, requestId: null };
  GOOD_OUTCOMES[operation].set(httpStatus, made);
  return made;
}
