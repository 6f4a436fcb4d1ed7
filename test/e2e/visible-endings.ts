import type { EpochMs } from '../../src/base/clock.ts';
import { isLeftOver, type Look, runs, type Telling } from './visible-item.ts';

/** How long the run that a new stop ended had run, in milliseconds; null when no row ever showed its acknowledgement. */
export function runOf(look: Look, isNewRun: boolean, telling: Telling): number | null {
  const acknowledged = acknowledgedOf(look, isNewRun, telling);
  return acknowledged === null ? null : look.shown.row.stoppedAt! - acknowledged;
}

function acknowledgedOf(look: Look, isNewRun: boolean, telling: Telling): EpochMs | null {
  const { before, shown, isNewAck } = look;
  const { row } = shown;
  const inRow = row.acknowledgedAt;
  if (row.state !== 'stopped') {
    // The stop of an earlier run: of what the row says only stamps from before it can belong to that run.
    const isEarlier = inRow !== null && inRow <= row.stoppedAt!;
    if (isEarlier && (isNewAck || before === undefined)) return inRow;
    return before !== undefined && runs(before.row) ? before.row.acknowledgedAt : null;
  }
  if (inRow === null || isLeftOver(inRow, row, telling)) return null;
  if (before === undefined || isNewAck) return inRow;
  return !isNewRun && runs(before.row) ? inRow : null;
}

/** How long the worker took to stop after it was asked to, in milliseconds; null when nobody asked it to in that run. */
export function stopOf({ before, shown }: Look): number | null {
  const { stopRequestedAt: asked, stoppedAt } = shown.row;
  if (asked === null || asked > stoppedAt!) return null;
  const isOld = before !== undefined && before.row.stoppedAt !== null && asked <= before.row.stoppedAt;
  return isOld ? null : stoppedAt! - asked;
}
