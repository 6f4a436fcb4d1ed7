import { isRunning } from '../domain/work.ts';
import type { LedgerItem, Recognized, Sighting } from './ledger-item.ts';

/**
 * A running item whose last sign of life is older than this is silent: workers send a heartbeat every 30 s at the latest
 * (docs/design/work-api.md#worker-cadence).
 */
const SILENT_MS = 35_000;

/**
 * The item with its deliveries: how often it was acknowledged since its last stop, as far as reads showed it.
 *
 * A new run without a stop that was seen is a lapse, or a session that ended and woke up between two reads: the stamps of
 * both may look alike. It counts as one more delivery only where the worker was already silent at the read before, or
 * where the service never wakes an item up under its id (`certain`). Otherwise the number stays as it is: a loop of
 * lapses still grows, and a busy session does not become one (docs/design/progress.md#redelivery).
 */
export function withDeliveries(
  known: LedgerItem | undefined,
  recognized: Recognized,
  { sighting, certain }: { readonly sighting: Sighting; readonly certain: boolean },
): LedgerItem {
  const { item, events } = recognized;
  if (item === known) return item;
  const running = isRunning(item.state);
  const counted = beforeThisRun(known, recognized, certain) + (events.acknowledged && running ? 1 : 0);
  const least = running && item.runAcknowledgedAt !== null ? 1 : 0;
  return {
    ...item,
    deliveries: item.state === 'stopped' ? 0 : Math.max(least, counted),
    silent: running && isSilent(sighting),
  };
}

function beforeThisRun(known: LedgerItem | undefined, { events }: Recognized, certain: boolean): number {
  if (known === undefined || events.requeued) return 0;
  const held = known.runAcknowledgedAt !== null;
  return events.lapsed && held && !certain && !known.silent ? Math.max(0, known.deliveries - 1) : known.deliveries;
}

function isSilent({ item, at }: Sighting): boolean {
  const sign = item.latestHeartbeatAt ?? item.acknowledgedAt;
  return sign !== null && at - sign > SILENT_MS;
}
