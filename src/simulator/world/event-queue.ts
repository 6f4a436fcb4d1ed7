import type { EpochMs } from '../../base/clock.ts';

interface ScheduledEvent {
  readonly at: EpochMs;
  /** Order of scheduling: events of the same moment run in this order, so that a seed always gives the same world. */
  readonly order: number;
  readonly run: (at: EpochMs) => void;
}

/** Scheduled events, earliest first: a binary heap. */
export class EventQueue {
  readonly #heap: ScheduledEvent[] = [];
  #scheduled = 0;

  /** When the next event is due; null when nothing is scheduled. */
  get nextAt(): EpochMs | null {
    return this.#heap[0]?.at ?? null;
  }

  schedule(at: EpochMs, run: (at: EpochMs) => void): void {
    const heap = this.#heap;
    heap.push({ at, order: this.#scheduled++, run });
    let child = heap.length - 1;
    while (child > 0) {
      const parent = (child - 1) >>> 1;
      if (!isBefore(heap[child]!, heap[parent]!)) break;
      swap(heap, child, parent);
      child = parent;
    }
  }

  /** Removes and returns the next event if it is due at `until` or before. */
  takeDue(until: EpochMs): ScheduledEvent | null {
    const heap = this.#heap;
    const first = heap[0];
    if (first === undefined || first.at > until) return null;
    const last = heap.pop()!;
    if (heap.length > 0) {
      heap[0] = last;
      sink(heap);
    }
    return first;
  }
}

function isBefore(a: ScheduledEvent, b: ScheduledEvent): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

function swap(heap: ScheduledEvent[], a: number, b: number): void {
  [heap[a], heap[b]] = [heap[b]!, heap[a]!];
}

function sink(heap: ScheduledEvent[]): void {
  let parent = 0;
  for (;;) {
    const left = 2 * parent + 1;
    const right = left + 1;
    let least = parent;
    if (left < heap.length && isBefore(heap[left]!, heap[least]!)) least = left;
    if (right < heap.length && isBefore(heap[right]!, heap[least]!)) least = right;
    if (least === parent) return;
    swap(heap, parent, least);
    parent = least;
  }
}
