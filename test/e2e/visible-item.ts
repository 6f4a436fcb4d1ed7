import type { EpochMs } from '../../src/base/clock.ts';
import type { WorkItem } from '../../src/domain/work.ts';

/** A row of a read and the API's time when it was served. */
export interface ShownRow {
  readonly row: WorkItem;
  readonly at: EpochMs;
}

/** Between which moments an item was queued; equal when a stamp says it. */
export interface Queued {
  readonly from: EpochMs;
  readonly until: EpochMs;
}

/** An item as it was shown last, and when its present run was queued. */
export interface VisibleItem extends ShownRow {
  readonly queued: Queued;
}

/** What a service lets a reader tell apart. */
export interface Telling {
  /** Stamps up to here are history. */
  readonly since: EpochMs;
  /** `started_at` is stamped when an item is queued. */
  readonly enqueueStamp: boolean;
  /** An item that is handed out again has a new id. */
  readonly idsRotate: boolean;
}

/** One row, what was shown of its item before, and which of its stamps nobody has seen yet. */
export interface Look {
  readonly before: VisibleItem | undefined;
  readonly shown: ShownRow;
  readonly isNewAck: boolean;
  readonly isNewStop: boolean;
}

/** The enqueue stamp comes a tenth of a second after the item, and no requeue as soon as this. */
const FIRST_RUN_MS = 10_000;
/** The enqueue stamp and the acknowledgement of one moment may come in either order. */
const ONE_MOMENT_MS = 1000;

export function runs({ state }: WorkItem): boolean {
  return state === 'starting' || state === 'active' || state === 'stopping';
}

export function enqueueStampOf(row: WorkItem, { enqueueStamp }: Telling): EpochMs | null {
  return enqueueStamp ? row.startedAt : null;
}

/** Whether a stamp in the row is left from a run before the one that was enqueued last. */
export function isLeftOver(stamp: EpochMs, row: WorkItem, telling: Telling): boolean {
  const enqueued = enqueueStampOf(row, telling);
  return enqueued !== null && enqueued > stamp + ONE_MOMENT_MS;
}

/** How a run that no row has shown before began: after a stop, or without one. */
export function newRunOf(look: Look, telling: Telling): 'requeued' | 'lapsed' | null {
  const { before, shown, isNewStop } = look;
  if (before === undefined) return livesAgain(shown.row, telling) ? 'requeued' : null;
  if (!isAnotherRun(look, telling)) return null;
  const stoppedBetween = isNewStop && shown.row.state !== 'stopped';
  return before.row.state === 'stopped' || stoppedBetween ? 'requeued' : 'lapsed';
}

function isAnotherRun(look: Look, telling: Telling): boolean {
  const { before, shown, isNewAck, isNewStop } = look;
  const [was, is] = [before!.row, shown.row];
  if (is.state === 'queued' && (was.state !== 'queued' || isNewAck)) return true;
  if (is.state !== 'stopped' && (was.state === 'stopped' || isNewStop)) return true;
  if (was.state === 'stopped' && (isNewAck || isNewStop)) return true;
  // Its worker no longer has it.
  if (runs(was) && is.acknowledgedAt === null) return true;
  if (!telling.enqueueStamp) return runs(was) && isNewAck;
  // A row without the stamp was served within the tenth of a second before it: the next stamp tells nothing new.
  return was.startedAt !== null && is.startedAt !== null && is.startedAt > was.startedAt;
}

/** Whether the first row ever shown of an item is not that of its first run. */
function livesAgain(row: WorkItem, telling: Telling): boolean {
  const { since } = telling;
  const { createdAt, acknowledgedAt, stoppedAt, state } = row;
  const enqueued = enqueueStampOf(row, telling);
  if (enqueued !== null && createdAt! <= since && enqueued > since && enqueued > createdAt! + FIRST_RUN_MS) return true;
  if (stoppedAt === null || state === 'stopped') return false;
  if (acknowledgedAt !== null && acknowledgedAt > stoppedAt) return acknowledgedAt > since;
  return stoppedAt > since || (enqueued !== null && enqueued > since);
}
