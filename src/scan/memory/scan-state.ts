import { AnswerMemory } from '../../client/answers/answer-memory.ts';
import type { PageMemory } from '../../client/work-api.ts';
import { ApiLimits } from './api-limits.ts';
import { isShort } from './full-scan.ts';
import { FullScans } from './full-scans.ts';
import { HighWaterMark } from './high-water-mark.ts';
import { ListRoom } from './item-room.ts';
import { LearnedOrder } from './learned-order.ts';
import { Rescans } from './rescans.ts';
import { endlessRooms, type Rooms } from './rooms.ts';
import { SeenRows } from './seen-rows.ts';
import { StatsMismatch } from './stats-mismatch.ts';
import { TailPages } from './tail-pages.ts';
import { TrackedItems } from './tracked-items.ts';
import { Unpublished } from './unpublished.ts';

/**
 * What earlier scans of one environment's list have taught: docs/design/list-scan.md#what-a-scan-remembers. Each part
 * keeps its fields private, so only its own file writes them. All change between requests, never during one.
 */
export interface ScanState {
  readonly items: TrackedItems;
  readonly unpublished: Unpublished;
  readonly room: ListRoom;
  readonly order: LearnedOrder;
  readonly highWaterMark: HighWaterMark;
  readonly tail: TailPages;
  readonly fullScans: FullScans;
  readonly rescans: Rescans;
  readonly mismatch: StatsMismatch;
  readonly limits: ApiLimits;
  readonly answers: PageMemory;
  readonly seenRows: SeenRows;
}

/** What a new job knows: nothing. Its list shares the rooms with the others. */
export function newScanState({ items, answers }: Rooms = endlessRooms()): ScanState {
  return {
    items: new TrackedItems(),
    unpublished: new Unpublished(),
    room: new ListRoom(items),
    order: new LearnedOrder(),
    highWaterMark: new HighWaterMark(),
    tail: new TailPages(),
    fullScans: new FullScans(),
    rescans: new Rescans(),
    mismatch: new StatsMismatch(),
    limits: new ApiLimits(),
    answers: new AnswerMemory({ room: answers }),
    seenRows: new SeenRows(),
  };
}

/** The list is no longer read: what it takes of the rooms is left to others. */
export function leaveRooms({ room, answers }: ScanState): void {
  room.leave();
  answers.leave();
}

/** Whether each scan reads the whole list. */
export function isReadWhole({ fullScans: { last }, order }: ScanState): boolean {
  return last === null || isShort(last) || order.value === 'unknown';
}
