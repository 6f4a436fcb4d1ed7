import { AnswerRoom } from '../../client/answers/answer-room.ts';
import { ItemRoom, mostItemsIn } from './item-room.ts';
import { type MemoryLimits, usableBytes } from './memory-limits.ts';

/** The part of the heap that remembered pages may take, beyond what each list may remember in any case. */
const ANSWERS_PART = 1 / 4;

/** What the lists of the process share of its memory: docs/design/list-scan.md#more-items-than-there-is-room-for. */
export interface Rooms {
  readonly items: ItemRoom;
  readonly answers: AnswerRoom;
}

export function roomsIn(limits: MemoryLimits): Rooms {
  return { items: new ItemRoom(mostItemsIn(limits)), answers: new AnswerRoom(usableBytes(limits) * ANSWERS_PART) };
}

/** Without a limit, for tests and for what is no list. */
export function endlessRooms(): Rooms {
  return { items: new ItemRoom(Number.POSITIVE_INFINITY), answers: new AnswerRoom(Number.POSITIVE_INFINITY) };
}
