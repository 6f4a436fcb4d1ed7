import { AnswerMemory } from '../../../src/client/answers/answer-memory.ts';
import type { AnswerRoom } from '../../../src/client/answers/answer-room.ts';

/** An item of the pages that tests remember. */
export interface Row {
  readonly start?: string;
  readonly id: number;
  readonly text: string;
  /** Changes more often than all else. */
  readonly beat?: unknown;
  /** Objects in an item: what looks like its end. */
  readonly deep?: unknown;
  /** Something new to this version. */
  readonly drifts?: boolean;
  readonly secret?: boolean;
  /** Nothing is likely to happen to it any more. */
  readonly done?: boolean;
}

/** What a row counts for in the room of a memory. */
export const ROW_BYTES = 1000;

/** A memory of pages of rows, and how often it had to parse one. */
export function memoryWithCounter(mostBytes?: number, room?: AnswerRoom) {
  const memory = new AnswerMemory<readonly Row[], Row>({
    ...(mostBytes !== undefined && { mostBytes }),
    ...(room && { room }),
  });
  const counted = { rows: 0, whole: 0 };
  let reported = 0;
  const parse = (row: unknown) => {
    counted.rows++;
    if ((row as Row).drifts) reported++;
    return row as Row;
  };
  const readBody = (question: string, body: Buffer) =>
    memory.pageOf(question, body, {
      whole: () => {
        counted.whole++;
        return JSON.parse(body.toString()).data;
      },
      page: (page, known) =>
        known.all ??
        (page as { data: unknown[] }).data.map((row, index) => {
          const before = known.known(index);
          const item = before ?? parse(row);
          if (before === undefined) known.parsed(index, row, item);
          return item;
        }),
      bytesOf: () => ROW_BYTES,
      changing: {
        key: 'beat',
        withText: (row, beat) => (/^\d+$/.test(beat) ? { ...row, beat } : null),
        isSettled: ({ done }) => done === true,
      },
      reported: () => reported,
      mayKeep: (row) => !(row as Row).secret,
    });
  const read = (question: string, rows: readonly Row[], more: object = {}) =>
    readBody(question, Buffer.from(JSON.stringify({ data: rows, ...more })));
  return { memory, read, readBody, counted };
}

export const row = (id: number, text = 'same'): Row => ({ id, text });
export const rows = (count: number) => Array.from({ length: count }, (_, id) => row(id));

/** How pages are kept, and how many values an answer makes that stays the same. */
export const WAYS = [
  { kept: 'bytes', mostBytes: undefined, values: 2 },
  // Only what was the same once is hashed whole.
  { kept: 'digests', mostBytes: 0, values: 3 },
  { kept: 'bytes of short pages and digests of long ones', mostBytes: 100, values: 3 },
];
