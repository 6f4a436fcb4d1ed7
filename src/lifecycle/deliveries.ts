import { isRunning } from '../domain/work.ts';
import type { LedgerItem, Recognized, Sighting } from './ledger-item.ts';

/**
 * A running item whose last sign of life is older than this is silent. Workers send a heartbeat every half lease, at
 * most every 30 s (docs/design/work-api.md#worker-cadence); where ids rotate, leases last 30 s.
 */
const SILENT_MS = { usual: 31_000, whereIdsRotate: 16_000 } as const;

/**
 * The item with its deliveries: how often it was acknowledged since its last stop, as far as reads showed it.
 *
 * A new run without an observed stop is either a lapse, or a session that ended and woke up between two reads: the
 * stamps of both may look alike. It counts as one more delivery only if the worker was already silent at the read
 * before. Otherwise the number stays: a loop of lapses still grows, and a busy session does not look like one
 * (docs/design/progress.md#redelivery).
 */
export function withDeliveries(
  known: LedgerItem | undefined,
  recognized: Recognized,
  { sighting, idsRotate }: { readonly sighting: Sighting; readonly idsRotate: boolean },
): LedgerItem {
  const { item, events } = recognized;
  const running = isRunning(item.state);
  const counted = deliveriesBeforeThisRun(known, recognized) + (events.acknowledged && running ? 1 : 0);
  const least = running && item.runAcknowledgedAt !== null ? 1 : 0;
  const deliveries = item.state === 'stopped' ? 0 : Math.max(least, counted);
  const silent = running && isSilent(sighting, idsRotate);
  return item.deliveries === deliveries && item.silent === silent ? item : { ...item, deliveries, silent };
}

/** The deliveries before the present run, if it is a new one; otherwise all of them. */
function deliveriesBeforeThisRun(known: LedgerItem | undefined, { events }: Recognized): number {
  if (known === undefined || events.requeued) return 0;
  const hadRun = known.runAcknowledgedAt !== null;
  return events.lapsed && hadRun && !known.silent ? Math.max(0, known.deliveries - 1) : known.deliveries;
}

/** Whether the last sign of life of a running item is too old at the time of the sighting; false if it has given none. */
export function isSilent({ item, at }: Sighting, idsRotate: boolean): boolean {
  const sign = item.latestHeartbeatAt ?? item.acknowledgedAt;
  return sign !== null && at - sign > (idsRotate ? SILENT_MS.whereIdsRotate : SILENT_MS.usual);
}
