/** Slots of an empty table; always a power of two. */
const LEAST_SLOTS = 64;
/** The fraction of the slots that may be taken, and that which may be right after the table was rebuilt. */
const MOST_TAKEN = 0.75;
const MOST_TAKEN_AFTER_REBUILD = 0.5;

/**
 * Objects by their hash, held weakly. Two arrays instead of a Map: there are tens of thousands of entries, and a Map
 * takes three times as much memory for each.
 */
export class WeakTable<T extends object> {
  /** In a taken slot, a reference without an object is one to an object that was freed. */
  #refs: (WeakRef<T> | undefined)[] = new Array(LEAST_SLOTS).fill(undefined);
  #hashes = new Int32Array(LEAST_SLOTS);
  #taken = 0;

  /** The first object with that hash that `isWanted` accepts. */
  find(hash: number, isWanted: (one: T) => boolean): T | undefined {
    const [refs, hashes] = [this.#refs, this.#hashes];
    const mask = hashes.length - 1;
    for (let slot = firstSlot(hash, mask); refs[slot] !== undefined; slot = (slot + 1) & mask) {
      if (hashes[slot] !== hash) continue;
      const one = refs[slot]!.deref();
      if (one !== undefined && isWanted(one)) return one;
    }
    return undefined;
  }

  /** Adds what `find` did not find. `hash` is a 32-bit integer. */
  add(hash: number, one: T): void {
    if (this.#taken >= MOST_TAKEN * this.#hashes.length) this.#rebuild();
    this.#put(hash, new WeakRef(one));
  }

  /** How many slots it has: what a table takes in memory follows from that. */
  get slots(): number {
    return this.#hashes.length;
  }

  /** Drops the slots of objects that were freed; the table grows only if the others need it. */
  #rebuild(): void {
    const [refs, hashes] = [this.#refs, this.#hashes];
    const living = refs.map((ref) => ref?.deref() !== undefined);
    const count = living.reduce((sum, lives) => sum + Number(lives), 0);
    let slots = LEAST_SLOTS;
    while (count > MOST_TAKEN_AFTER_REBUILD * slots) slots *= 2;
    this.#refs = new Array(slots).fill(undefined);
    this.#hashes = new Int32Array(slots);
    this.#taken = 0;
    for (const [slot, lives] of living.entries()) if (lives) this.#put(hashes[slot]!, refs[slot]!);
  }

  #put(hash: number, ref: WeakRef<T>): void {
    const mask = this.#hashes.length - 1;
    let slot = firstSlot(hash, mask);
    while (this.#refs[slot] !== undefined) slot = (slot + 1) & mask;
    this.#refs[slot] = ref;
    this.#hashes[slot] = hash;
    this.#taken++;
  }
}

/** The low bits of a hash come from the last characters, which are often the same. */
function firstSlot(hash: number, mask: number): number {
  return (hash ^ (hash >>> 15)) & mask;
}
