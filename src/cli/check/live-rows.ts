import { OPERATIONS } from '../../domain/environment.ts';
import { discoveryRow } from './discovery-row.ts';
import type { LiveRow } from './live-row.ts';
import { readRow } from './read-row.ts';
import type { CheckedApp } from './row-outcome.ts';

/** One row per connection that discovers, and one per environment and operation. */
export function liveRows(checked: CheckedApp): LiveRow[] {
  const { app } = checked;
  const discoveries = app.discovery.outcomes().map((discovery) => discoveryRow(checked, discovery));
  const listing = new Set(discoveries.flatMap(({ verdict, connection }) => (verdict === 'ok' ? connection : [])));
  const reads = app.states.all().flatMap((state) => OPERATIONS.map((name) => readRow(checked, state, name)));
  return [...discoveries, ...reads.map((row) => withoutBlame(row, listing))];
}

/**
 * A 401 for an API key with which the environments were listed is not the key's fault: the key is valid. `listing` has
 * the connections whose environments were listed.
 */
function withoutBlame(row: LiveRow, listing: ReadonlySet<string>): LiveRow {
  const { verdict, credential, connection, http_status: status, operation, credential_source: source } = row;
  if (verdict !== 'refused' || status !== 401 || credential !== 'api_key' || !listing.has(connection)) return row;
  const remedy = `The API accepts the API key from ${source} for the list of environments, but not for this read (${operation}): check that provider and base_url fit together, and what this key may read.`;
  return { ...row, remedy };
}
