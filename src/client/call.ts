import type { ApiOperation } from '../domain/environment.ts';

/** One read, whatever it reads. */
export interface Call<T> {
  readonly operation: ApiOperation;
  /** Null for the list of environments. */
  readonly environmentId: string | null;
  /** @throws UnsafePathError */
  readonly path: () => string;
  /** @throws WireError */
  readonly parse: (body: unknown) => T;
  /** Looks for the value of a body that came before, and has it parsed only if there is none. */
  recall?(body: Buffer, parse: () => T): T;
}
