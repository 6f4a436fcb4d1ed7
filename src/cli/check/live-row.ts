import type { ApiOperation } from '../../domain/environment.ts';
import type { CredentialKind } from '../../domain/failure.ts';
import { EXIT, type ExitCode } from '../command/command-exit.ts';

export type Verdict =
  | 'ok'
  | 'refused'
  | 'not_found'
  | 'not_self_hosted'
  | 'rate_limited'
  | 'unreachable'
  | 'bad_response'
  | 'archived'
  | 'not_attempted';

/** The outcome of one operation of one environment: docs/reference.md#check---live. */
export interface LiveRow {
  /** Null for the list of environments. */
  readonly environment_id: string | null;
  readonly environment_name: string | null;
  readonly connection: string;
  readonly operation: ApiOperation;
  readonly credential: CredentialKind | null;
  readonly credential_source: string | null;
  readonly verdict: Verdict;
  readonly http_status: number | null;
  readonly request_id: string | null;
  readonly duration_seconds: number | null;
  readonly detail: string;
  readonly remedy: string | null;
}

/**
 * The overall exit code: refused wins over failed. A row that was not attempted is no failure, unless all rows of an
 * environment are. An archived environment that nothing reads is none either.
 */
export function exitOfRows(rows: readonly LiveRow[]): ExitCode {
  if (rows.some(({ verdict }) => verdict === 'refused')) return EXIT.refused;
  if (rows.some(({ verdict }) => !isGood(verdict) && verdict !== 'not_attempted')) return EXIT.failed;
  const read = new Set(rows.flatMap((row) => (isGood(row.verdict) ? rowKey(row) : [])));
  return rows.every((row) => read.has(rowKey(row))) ? EXIT.ok : EXIT.failed;
}

function isGood(verdict: Verdict): boolean {
  return verdict === 'ok' || verdict === 'archived';
}

function rowKey({ connection, environment_id: id }: LiveRow): string {
  return JSON.stringify([connection, id]);
}
