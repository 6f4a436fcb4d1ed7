/** What the state of the source is judged by. */
export const KINDS = {
  circle: 'files that import each other in a circle',
  long: 'files over 200 lines',
  short: 'files under 25 lines that only one file beside them uses',
  'test-only': 'exports and files that only tests use',
  'double-name': 'names of exported types that stand for several things',
  'old-word': 'words that the glossary has replaced',
  refused: 'files that call something refused that is no 401 or 403',
  'file-name': 'files that share no word with what they export',
  'test-title': 'files with titles of tests that are no sentence',
} as const;
export type Kind = keyof typeof KINDS;

/** Something that does not hold. `where` is what a reason is given for. */
export interface Finding {
  readonly kind: Kind;
  /** A path from the root, or a path and a name after a space. */
  readonly where: string;
  readonly detail: string;
}
