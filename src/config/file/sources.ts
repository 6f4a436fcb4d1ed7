import type { Path } from './option-tree.ts';
import type { Position } from './problem.ts';

export type Tree = { [key: string]: unknown };

/** The values as written, and the place of each. */
export interface Source {
  /** `file PATH`, or `environment variables`. */
  readonly origin: string;
  /** The configuration file, or null. */
  readonly file: string | null;
  readonly tree: Tree;
  /** Where a value was written or, with `key`, its name; for a missing one, the nearest existing place around it. */
  locate(path: Path, what?: 'key' | 'value'): Position;
}
