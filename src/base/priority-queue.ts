interface Entry<T> {
  readonly value: T;
  readonly priority: number;
  /** Among equal priorities, the first one to arrive comes first. */
  readonly arrival: number;
}

/**
 * Different values in the order of a number, the lowest first; among equal numbers, first come, first served. It is a binary
 * heap that knows the place of each value, so each change costs the logarithm of its size.
 */
export class PriorityQueue<T> {
  readonly #heap: Entry<T>[] = [];
  readonly #places = new Map<T, number>();
  #arrivals = 0;

  get size(): number {
    return this.#heap.length;
  }

  get first(): T | undefined {
    return this.#heap[0]?.value;
  }

  /** The priority of the first one; Infinity when there is none. */
  get lowest(): number {
    return this.#heap[0]?.priority ?? Number.POSITIVE_INFINITY;
  }

  /** Undefined for a value that is not in the queue. */
  priorityOf(value: T): number | undefined {
    const place = this.#places.get(value);
    return place === undefined ? undefined : this.#heap[place]!.priority;
  }

  /** Adds a value, or moves it. One that has this priority already keeps its place. */
  set(value: T, priority: number): void {
    if (this.priorityOf(value) === priority) return;
    this.delete(value);
    const entry = { value, priority, arrival: this.#arrivals++ };
    this.#riseFrom(this.#heap.length, entry);
  }

  delete(value: T): void {
    const place = this.#places.get(value);
    if (place === undefined) return;
    this.#places.delete(value);
    const last = this.#heap.pop()!;
    // The last entry fills the gap, and may belong above or below it.
    if (last.value !== value) this.#riseFrom(this.#sinkFrom(place, last), last);
  }

  /** Moves the entries above a free place down, until the entry may stand there; then puts it there. */
  #riseFrom(freePlace: number, entry: Entry<T>): void {
    let place = freePlace;
    while (place > 0) {
      const parentPlace = Math.floor((place - 1) / 2);
      const parent = this.#heap[parentPlace]!;
      if (!isBefore(entry, parent)) break;
      this.#put(parent, place);
      place = parentPlace;
    }
    this.#put(entry, place);
  }

  /** Moves the entries below a free place up, as long as they come before the entry. Returns the place that is free then. */
  #sinkFrom(freePlace: number, entry: Entry<T>): number {
    let place = freePlace;
    for (;;) {
      const childPlace = this.#firstChildOf(place);
      const child = this.#heap[childPlace];
      if (child === undefined || !isBefore(child, entry)) return place;
      this.#put(child, place);
      place = childPlace;
    }
  }

  /** The place of the child that comes first; beyond the end when there is none. */
  #firstChildOf(place: number): number {
    const leftPlace = 2 * place + 1;
    const left = this.#heap[leftPlace];
    const right = this.#heap[leftPlace + 1];
    return left !== undefined && right !== undefined && isBefore(right, left) ? leftPlace + 1 : leftPlace;
  }

  #put(entry: Entry<T>, place: number): void {
    this.#heap[place] = entry;
    this.#places.set(entry.value, place);
  }
}

function isBefore<T>(one: Entry<T>, other: Entry<T>): boolean {
  return one.priority < other.priority || (one.priority === other.priority && one.arrival < other.arrival);
}
