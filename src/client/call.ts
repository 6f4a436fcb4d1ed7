import type { ApiOperation } from '../domain/environment.ts';

/** One read, of whatever kind. */
export interface Call<T> {
  readonly operation: ApiOperation;
  /** Null for the list of environments. */
  readonly environmentId: string | null;
  /** Whether it asks for a page by a cursor that the API gave out. */
  readonly byCursor?: boolean;
  /** @throws UnsafePathError */
  readonly path: () => string;
  /** @throws WireError */
  readonly parse: (body: unknown) => T;
  /** Parses the body with the help of remembered answers; `whole` parses all of it. */
  recall?(body: Buffer, whole: () => T): T;
}
