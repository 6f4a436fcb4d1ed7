/** Which of the words to look for. */
export interface HoldsAnyOptions {
  /** Words with fewer characters are not looked for: they may stand in any text by chance. */
  readonly shortest: number;
}

/**
 * A test of whether a text holds one of `words`. A file may name ten thousand keys and four times as many other texts,
 * nearly all of which are shorter than any key: those are not searched.
 */
export function holdsAny(words: readonly string[], { shortest }: HoldsAnyOptions): (text: string) => boolean {
  const byLength = new Map<number, Set<string>>();
  for (const word of words) {
    if (word.length < shortest) continue;
    const alike = byLength.get(word.length) ?? new Set();
    byLength.set(word.length, alike.add(word));
  }
  return (text) => byLength.entries().some(([length, alike]) => holdsOne(text, length, alike));
}

/** Searches for each of the words, or looks at each part of the text that is as long: whatever is less. */
function holdsOne(text: string, length: number, words: ReadonlySet<string>): boolean {
  const parts = text.length - length + 1;
  if (parts >= words.size) return words.values().some((word) => text.includes(word));
  for (let at = 0; at < parts; at++) if (words.has(text.slice(at, at + length))) return true;
  return false;
}
