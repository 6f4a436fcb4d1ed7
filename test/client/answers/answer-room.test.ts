import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AnswerRoom } from '../../../src/client/answers/answer-room.ts';
import { memoryWithCounter, ROW_BYTES, row, rows, WAYS } from './memory-with-counter.ts';

/** A hundred rows are more than a list may have in any case, and fifty-five are not. */
const LONG = 100;
const SHORT = 55;
const MOST = 8 * LONG * ROW_BYTES;

/** A room that tells what is taken of it. */
class WatchedRoom extends AnswerRoom {
  taken = 0;

  override replaceTaken(bytes: number, before: number): void {
    super.replaceTaken(bytes, before);
    this.taken += bytes - before;
  }
}

describe.each(WAYS)('lists that keep $kept in one room', ({ mostBytes }) => {
  const lists = (count: number, room: AnswerRoom) =>
    Array.from({ length: count }, () => {
      const { memory, read, counted } = memoryWithCounter(mostBytes, room);
      /** How many rows, and whole pages, the next reads parse. */
      const parsed = (question: string, page = rows(LONG)) => {
        for (let n = 0; n < 3; n++) read(question, page);
        Object.assign(counted, { rows: 0, whole: 0 });
        for (let n = 0; n < 4; n++) expect(read(question, page.with(0, row(0, `${n}`)))).toHaveLength(page.length);
        return { ...counted };
      };
      return { memory, read, counted, parsed };
    });
  const REMEMBERED = { rows: 4, whole: 0 };
  const FORGOTTEN = { rows: 0, whole: 4 };

  it('are remembered while there is room; those that come later are parsed whole each time, and built up in vain never', () => {
    const all = lists(40, new AnswerRoom(MOST)).map(({ parsed }) => parsed('q'));
    const known = all.filter(({ whole }) => whole === 0);
    expect(known.length).toBeGreaterThan(8);
    expect(known.length).toBeLessThan(30);
    expect(all.slice(0, known.length)).toEqual(known.map(() => REMEMBERED));
    expect(all.slice(known.length)).toEqual(all.slice(known.length).map(() => FORGOTTEN));
  });

  it('each remember a short page, whatever others take', () => {
    const room = new AnswerRoom(0);
    for (const { parsed } of lists(20, room)) {
      expect(parsed('long')).toEqual(FORGOTTEN);
      expect(parsed('short', rows(SHORT))).toEqual(REMEMBERED);
    }
  });

  it('take an eighth of the room each at most', () => {
    const [huge, other] = lists(2, new AnswerRoom(MOST));
    expect(huge!.parsed('huge', rows(3 * LONG))).toEqual(FORGOTTEN);
    expect(other!.parsed('q')).toEqual(REMEMBERED);
  });

  it('remember a page again when it has become shorter, or when others have left', () => {
    const room = new AnswerRoom(4 * LONG * ROW_BYTES);
    const [first, ...others] = lists(30, room);
    expect(first!.parsed('q', rows(2 * LONG))).toEqual(FORGOTTEN);
    expect(first!.parsed('q')).toEqual(REMEMBERED);
    const left = others.filter(({ parsed }) => parsed('q').whole === 0);
    const last = others.at(-1)!;
    expect(last.parsed('q')).toEqual(FORGOTTEN);
    for (const { memory } of left.slice(0, 2)) memory.leave();
    expect(last.parsed('q')).toEqual(REMEMBERED);
  });

  it('forget a page that has grown beyond the room, and no other', () => {
    const [list] = lists(1, new AnswerRoom(MOST));
    expect(list!.parsed('short', rows(10))).toEqual(REMEMBERED);
    expect(list!.parsed('q')).toEqual(REMEMBERED);
    expect(list!.parsed('q', rows(3 * LONG))).toEqual(FORGOTTEN);
    Object.assign(list!.counted, { rows: 0, whole: 0 });
    list!.read('short', rows(10).with(0, row(0, '3')));
    expect(list!.counted).toEqual({ rows: 0, whole: 0 });
  });

  it('try each page by itself: one of other rows may take less for a byte of its answer', () => {
    const room = new AnswerRoom(8 * LONG * ROW_BYTES);
    const [list] = lists(1, room);
    const long = (id: number) => row(id, 'long '.repeat(400));
    expect(list!.parsed('many short rows', rows(2 * LONG))).toEqual(FORGOTTEN);
    // What the short rows take for each byte would be too much.
    const page = Array.from({ length: 20 }, (_, id) => long(id));
    expect(list!.parsed('few long rows', page)).toEqual(REMEMBERED);
    expect(list!.parsed('many short rows', rows(2 * LONG))).toEqual(FORGOTTEN);
  });

  it('leave nothing behind, whatever was read, and take nothing once they have left', () => {
    const room = new WatchedRoom(MOST);
    const known = lists(5, room);
    const reads = fc.array(
      fc.tuple(fc.nat(4), fc.constantFrom('1', '2', '3', '4'), fc.constantFrom(0, 1, 60, 100, 110)),
    );
    fc.assert(
      fc.property(reads, (turns) => {
        for (const [list, question, count] of turns) {
          const page = rows(count);
          expect(known[list]!.read(question, page)).toEqual(page);
        }
        expect(room.taken).toBeGreaterThanOrEqual(0);
        // What each may have in any case, beside the room.
        expect(room.taken).toBeLessThanOrEqual(MOST + 5 * 65_536);
      }),
    );
    for (const { memory, parsed } of known) {
      memory.leave();
      expect(parsed('q')).toEqual(FORGOTTEN);
    }
    expect(room.taken).toBe(0);
  });
});
