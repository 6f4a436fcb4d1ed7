/**
 * Collects changes to a map that others still read: it is copied at the first change, and stays the same object without
 * one.
 */
export class CopyOnWriteMap<K, V> {
  #map: ReadonlyMap<K, V>;
  #copy: Map<K, V> | null = null;

  constructor(map: ReadonlyMap<K, V>) {
    this.#map = map;
  }

  /** With all changes so far. */
  get value(): ReadonlyMap<K, V> {
    return this.#map;
  }

  get size(): number {
    return this.#map.size;
  }

  get(key: K): V | undefined {
    return this.#map.get(key);
  }

  has(key: K): boolean {
    return this.#map.has(key);
  }

  entries(): MapIterator<[K, V]> {
    return this.#map.entries();
  }

  forEach(look: (value: V, key: K) => void): void {
    this.#map.forEach(look);
  }

  set(key: K, value: V): void {
    if (this.#map.get(key) !== value || !this.#map.has(key)) this.#own().set(key, value);
  }

  delete(key: K): void {
    if (this.#map.has(key)) this.#own().delete(key);
  }

  #own(): Map<K, V> {
    this.#copy ??= new Map(this.#map);
    this.#map = this.#copy;
    return this.#copy;
  }
}
