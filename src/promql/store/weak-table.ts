/** Slots of an empty table; always a power of two. */
const FEWEST = 64;
/** At most this fraction of the slots is taken; after the table was rebuilt, at most two thirds of that. */
const FULL = 0.75;
const LOOSE = 0.5;

/**
 * Objects by their hash, held weakly. Two arrays instead of a Map: there are tens of thousands of entries, and a Map
 * takes three times as much memory for each.
 */
export class WeakTable<T extends object> {
  /** A taken slot without a thing to point at is one whose thing was freed. */
  #refs: (WeakRef<T> | undefined)[] = new Array(FEWEST).fill(undefined);
  #hashes = new Int32Array(FEWEST);
  #taken = 0;

  /** The thing with that hash that is the wanted one. */
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
    if (this.#taken >= FULL * this.#hashes.length) this.#makeRoom();
    this.#put(hash, new WeakRef(one));
  }

  /** How many slots it has, which decides how much memory it takes. */
  get slots(): number {
    return this.#hashes.length;
  }

  /** Without those that were freed; larger only if the others need it. */
  #makeRoom(): void {
    const [refs, hashes] = [this.#refs, this.#hashes];
    const living = refs.map((ref) => ref?.deref() !== undefined);
    const count = living.reduce((sum, lives) => sum + Number(lives), 0);
    let slots = FEWEST;
    while (count > LOOSE * slots) slots *= 2;
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
