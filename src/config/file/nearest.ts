import { distance } from 'fastest-levenshtein';

/** A longer name is not a typo. */
const LONGEST = 64;

/** The candidate that `written` most likely meant, or null when none is close: at most a third may differ. */
export function nearest(written: string, candidates: readonly string[]): string | null {
  if (written.length > LONGEST) return null;
  const plain = (name: string) => name.toLowerCase().replaceAll(/[_-]/g, '');
  const ranked = candidates
    .map((candidate) => ({ candidate, steps: typos(plain(written), plain(candidate)) }))
    .toSorted((a, b) => a.steps - b.steps);
  const best = ranked[0];
  return best !== undefined && best.steps <= Math.max(1, Math.floor(written.length / 3)) ? best.candidate : null;
}

/** The number of typos between two names: a letter too many, missing or wrong, or two letters swapped. */
function typos(one: string, other: string): number {
  const steps = distance(one, other);
  const lettersOf = (name: string) => [...name].toSorted().join('');
  return steps === 2 && lettersOf(one) === lettersOf(other) ? 1 : steps;
}

/**
 * What to do about a name that is not known: the one that was probably meant or, when none is close, `otherwise`, or
 * those that are known.
 */
export function remedyForUnknown(
  written: string,
  known: readonly string[],
  otherwise: () => string | null = () => null,
): string {
  const near = nearest(written, known);
  if (near !== null) return `did you mean ${near}?`;
  const longer = longerNames(written, known);
  if (longer.length > 0) return `did you mean ${longer.length > 1 ? 'one of ' : ''}${longer.join(', ')}?`;
  return otherwise() ?? `known here: ${known.join(', ')}`;
}

/** The names that contain `written` as whole words, as `api_key` contains `key`. */
function longerNames(written: string, known: readonly string[]): string[] {
  return known.filter((name) => `_${name}_`.includes(`_${written}_`));
}
