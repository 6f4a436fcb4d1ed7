import { FRUITLESS_REMEDY, isFruitless, watchesNothing } from '../../app/reports.ts';
import { counted } from '../../base/text.ts';
import { type DiscoveryOutcome, SKIPPED_REMEDY } from '../../discovery/discovery.ts';
import type { LiveRow } from './live-row.ts';
import { type CheckedApp, credentialOf, outcome } from './row-outcome.ts';

/** The row of a connection that lists its environments: what it found, and what of that is watched. */
export function discoveryRow(checked: CheckedApp, discovery: DiscoveryOutcome): LiveRow {
  const { fleet } = checked.app;
  const { connection, failure, found, skipped } = discovery;
  const row = {
    environment_id: null,
    environment_name: null,
    connection,
    operation: 'environments' as const,
    ...credentialOf(checked, { connection, kind: 'api_key', environmentId: null }),
    ...outcome(failure),
    duration_seconds: null,
  };
  if (failure !== null) return { ...row, detail: failure.message };
  const left =
    skipped > 0
      ? `; ${counted(skipped, ['is left out because its id is', 'are left out because their ids are'])} unusable`
      : '';
  const archived = fleet.archivedOf.get(connection) ?? 0;
  const unwatched = archived > 0 ? `; ${counted(archived, ['is', 'are'])} archived and not watched` : '';
  const detail = `${counted(found)}, archived and cloud ones included${unwatched}${left}`;
  if (isFruitless(connection, fleet)) {
    return { ...row, verdict: 'not_found', detail: `${detail}; none to watch`, remedy: FRUITLESS_REMEDY };
  }
  const dropped = fleet.droppedOf.get(connection) ?? 0;
  if (dropped > 0) {
    const over = `${detail}; ${counted(dropped, ['is', 'are'])} over the limit and not watched`;
    return {
      ...row,
      ...(watchesNothing(connection, fleet) ? { verdict: 'not_found' as const } : {}),
      detail: over,
      remedy: 'Raise discovery.max_environments, or exclude some.',
    };
  }
  const shared = watchesNothing(connection, fleet) ? '; all are watched through another connection' : '';
  return { ...row, detail: `${detail}${shared}`, ...(skipped > 0 ? { remedy: SKIPPED_REMEDY } : {}) };
}
