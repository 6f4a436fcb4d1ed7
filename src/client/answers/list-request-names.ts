/** Stands for no list of keys. */
const ALL_KEYS: readonly string[] = [];

/**
 * Returns a function that names a request for a page and how its answer is read, because the meaning of the bytes depends
 * on both. The last name is kept for each list of keys, as the configuration holds it: nearly all lists are requested alike,
 * and an identical string is compared at once.
 */
export function listRequestNames(provider: string): (query: string, metadataKeys?: readonly string[]) => string {
  const last = new WeakMap<readonly string[], { readonly query: string; readonly name: string }>();
  return (query, metadataKeys = ALL_KEYS) => {
    const known = last.get(metadataKeys);
    if (known?.query === query) return known.name;
    const keys = metadataKeys === ALL_KEYS ? null : metadataKeys;
    const named = { query, name: JSON.stringify([provider, query, keys]) };
    last.set(metadataKeys, named);
    return named.name;
  };
}
