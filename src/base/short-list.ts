/**
 * A few things that are added and deleted all the time, in the order in which they were added.
 *
 * It is an array whose slots are reused. A Set would be copied whenever it runs out of slots, and each old copy would keep
 * its former members, and all that they refer to, alive until a full garbage collection.
 */
export class ShortList<T> {
  readonly #things: (T | undefined)[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get first(): T | undefined {
    return this.#things[0];
  }

  add(thing: T): void {
    this.#things[this.#size++] = thing;
  }

  /** Does nothing if the list does not have it. */
  delete(thing: T): void {
    const place = this.#things.indexOf(thing);
    if (place < 0) return;
    this.#things.copyWithin(place, place + 1, this.#size);
    this.#things[--this.#size] = undefined;
  }

  find(isIt: (thing: T) => boolean): T | undefined {
    for (let place = 0; place < this.#size; place++) if (isIt(this.#things[place]!)) return this.#things[place];
    return undefined;
  }

  /** A copy of the list as it is now. */
  all(): readonly T[] {
    return this.#things.slice(0, this.#size) as T[];
  }
}
