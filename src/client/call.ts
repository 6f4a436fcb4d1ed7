import type { ApiOperation } from '../domain/environment.ts';

/** One read, of whatever kind. */
export interface Call<T> {
  readonly operation: ApiOperation;
  /** Null for the list of environments. */
  readonly environmentId: string | null;
  /** @throws UnsafePathError */
  readonly path: () => string;
  /** @throws WireError */
  readonly parse: (body: unknown) => T;
  /** Returns the remembered value of an identical body, and calls `parse` only if there is none. */
  recall?(body: Buffer, parse: () => T): T;
}
