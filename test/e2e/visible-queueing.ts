import type { EpochMs } from '../../src/base/clock.ts';
import { enqueueStampOf, isLeftOver, type Look, type Queued, type Telling } from './visible-item.ts';

/** A wait is known when its beginning is: docs/design/counting.md#waits-runs-and-stops. */
const KNOWN_WITHIN_MS = 60_000;

/** When the run that the row is about was queued: the stamp, or between what reads have shown. */
export function queuedOf(look: Look, isNewRun: boolean, telling: Telling): Queued {
  const { before, shown } = look;
  const { row, at } = shown;
  const created = row.createdAt!;
  const enqueued = enqueueStampOf(row, telling);
  const acknowledged = row.state === 'queued' ? null : row.acknowledgedAt;
  if (enqueued !== null && (acknowledged === null || !isLeftOver(acknowledged, row, telling))) {
    return exactly(Math.max(enqueued, created));
  }
  // It waited at the latest when a read saw it wait, or when it was taken.
  const until = acknowledged ?? at;
  const stopped = row.state !== 'stopped' && row.stoppedAt !== null && row.stoppedAt <= until ? row.stoppedAt : null;
  if (before === undefined) {
    if (stopped !== null) return between(Math.max(stopped, created), until);
    // Runs that an item from before the start had until now are history: the last one may have been queued at any time.
    return isNewRun || created <= telling.since ? between(created, until) : exactly(created);
  }
  if (!isNewRun) return before.queued;
  // The last read that saw the run before it, or the end of that run where the row still has it.
  return between(Math.max(before.at, stopped ?? 0), until);
}

/** How long the acknowledged run waited, in milliseconds; null when its beginning cannot be known within a minute. */
export function waitOf(look: Look, queued: Queued, telling: Telling): number | null {
  const { before, shown } = look;
  const { row } = shown;
  const acknowledged = row.acknowledgedAt!;
  const isOfThisRun = row.state !== 'queued' && !isLeftOver(acknowledged, row, telling);
  // A run that came and went between two reads: queued after the run that the read before showed, or the one it showed.
  const ofRunBetween = () =>
    between(
      before === undefined ? row.createdAt! : before.row.state === 'queued' ? before.queued.from : before.at,
      acknowledged,
    );
  const { from, until } = isOfThisRun ? queued : ofRunBetween();
  return until - from > KNOWN_WITHIN_MS ? null : acknowledged - from;
}

function exactly(at: EpochMs): Queued {
  return { from: at, until: at };
}

function between(from: EpochMs, until: EpochMs): Queued {
  return { from: Math.min(from, until), until };
}
