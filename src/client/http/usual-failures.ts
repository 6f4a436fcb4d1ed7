import type { ApiOperation } from '../../domain/environment.ts';
import type { FailureReason } from '../../domain/failure.ts';

/**
 * Bounds the memory, because some failed reads are never repeated. No fleet has so many reads that fail while others
 * succeed.
 */
const MOST_FAILING = 20_000;

/** After such a failure another connection may succeed, perhaps to another address of the same name. */
const SUSPECT: ReadonlySet<FailureReason> = new Set(['network', 'timeout', 'server_error']);

/** What a request asked for. */
export interface Asked {
  readonly operation: ApiOperation;
  /** Null for the list of environments. */
  readonly environmentId: string | null;
}

/**
 * Which failures put the connections in use under suspicion. A read that fails again and again while others succeed
 * does not: the connections are not at fault, and new ones might fail to connect.
 */
export class UsualFailures {
  /** Whether a request over the connections in use has succeeded. */
  #hasSucceeded = false;
  /** The reads whose last request failed, by `nameOf`. */
  readonly #failing = new Set<string>();

  succeeded(asked: Asked): void {
    this.#hasSucceeded = true;
    if (this.#failing.size > 0) this.#failing.delete(nameOf(asked));
  }

  /** Takes note of a failure. Returns whether the connections may be to blame. */
  failed(reason: FailureReason, asked: Asked): boolean {
    if (!SUSPECT.has(reason)) return false;
    const isUsual = this.#hasSucceeded && this.#failing.has(nameOf(asked));
    if (this.#failing.size >= MOST_FAILING) this.#failing.clear();
    this.#failing.add(nameOf(asked));
    return !isUsual;
  }

  /** Other connections are used from now on. */
  renewed(): void {
    this.#hasSucceeded = false;
  }
}

function nameOf({ operation, environmentId }: Asked): string {
  return `${operation} ${environmentId ?? ''}`;
}
