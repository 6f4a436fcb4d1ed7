import type { EpochMs } from '../../base/clock.ts';

/** Why a list is read whole ahead of time: docs/design/list-scan.md#rescan. */
export type RescanReason = 'order' | 'cursor_rejected' | 'cursor_repeated' | 'tail_changed' | 'item_moved' | 'mismatch';

const WITHIN_MS = 600_000;
/** This many within ten minutes mean that the list has no order after all. */
const TOO_MANY = 3;

/** The reasons to read a whole list ahead of time. */
export class Rescans {
  #reason: RescanReason | null = null;
  /** The times of the reasons of the last ten minutes, monotonic. */
  #recent: readonly number[] = [];
  #last: { readonly reason: RescanReason; readonly at: EpochMs } | null = null;

  /** Why a full scan is needed, or null. */
  get reason(): RescanReason | null {
    return this.#reason;
  }

  /** The last reason, answered or not. `at` is API time. */
  get last(): { readonly reason: RescanReason; readonly at: EpochMs } | null {
    return this.#last;
  }

  /** Adds a reason. Returns whether there were too many recently: then the list has no order, and a full scan does not help. */
  add(
    reason: RescanReason,
    { now, at }: { readonly now: number; readonly at: EpochMs },
  ): { readonly tooMany: boolean } {
    this.#recent = [...this.#recent.filter((time) => now - time < WITHIN_MS), now];
    this.#last = { reason, at };
    const tooMany = this.#recent.length >= TOO_MANY;
    if (tooMany) this.#recent = [];
    else this.#reason = reason;
    return { tooMany };
  }

  /** A full scan has ended: it answers every earlier reason. */
  answered(): void {
    this.#reason = null;
  }
}
