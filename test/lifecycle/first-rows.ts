import type { WorkItem } from '../../src/domain/work.ts';
import { countRead } from '../../src/lifecycle/count-read.ts';
import { newLedger } from '../../src/lifecycle/ledger.ts';
import { buildItem, NOW } from '../support/states.ts';

const s = (seconds: number) => NOW + seconds * 1000;

/** A row of an item; times are in seconds after W. */
export interface Row {
  readonly state?: WorkItem['state'];
  readonly created?: number | null;
  readonly enqueued?: number;
  readonly acknowledged?: number;
  readonly heartbeat?: number;
  readonly stopRequested?: number;
  readonly stopped?: number;
}

/** What one item was counted as. A duration in seconds, `unknown`, or absent where none was observed. */
export interface Counted {
  readonly created?: number;
  readonly acknowledged?: number;
  readonly requeued?: number;
  readonly lapsed?: number;
  readonly stopped?: number;
  readonly wait?: number | 'unknown';
  readonly run?: number;
  readonly stop?: number;
  readonly clamped?: number;
}

/** The events of an item's rows, one a read. The first read is at 50 s, each later one 10 s after it. */
export function counted(rows: readonly Row[], { enqueueStamps = true, allLiveKnown = false } = {}): Counted {
  const fullScans = { provenFullScans: allLiveKnown ? 2 : 0 };
  let ledger = { ...newLedger(NOW), ...fullScans };
  for (const [read, row] of rows.entries()) {
    const { item } = buildItem('w', {
      state: row.state ?? 'active',
      createdAt: row.created === null ? null : s(row.created ?? -600),
      startedAt: row.enqueued === undefined ? null : s(row.enqueued),
      acknowledgedAt: row.acknowledged === undefined ? null : s(row.acknowledged),
      latestHeartbeatAt: row.heartbeat === undefined ? null : s(row.heartbeat),
      stopRequestedAt: row.stopRequested === undefined ? null : s(row.stopRequested),
      stoppedAt: row.stopped === undefined ? null : s(row.stopped),
    });
    const sightings = [{ item, at: s(50 + 10 * read) }];
    const options = { startedAtIsEnqueueStamp: enqueueStamps, exemplars: false };
    ledger = countRead(ledger, { sightings, gone: [], fullScan: null }, options);
  }
  const { created, acknowledged, requeued, lapsed, stopped, waitUnknown, wait, run, stop } = ledger.totals;
  const durations = Object.entries({ wait, run, stop }).map(([name, { counts, sum }]) => [
    name,
    counts.some((count) => count > 0) ? sum : undefined,
  ]);
  const counts = Object.entries({ created, acknowledged, requeued, lapsed, stopped, clamped: ledger.clamped });
  const unknown = ['wait', waitUnknown > 0 ? 'unknown' : undefined];
  const all = [...counts.filter(([, count]) => count > 0), ...durations, unknown];
  return Object.fromEntries(all.filter(([, value]) => value !== undefined));
}

export const ENQUEUE_STAMPS = { enqueueStamps: true };
export const NO_ENQUEUE_STAMPS = { enqueueStamps: false };
