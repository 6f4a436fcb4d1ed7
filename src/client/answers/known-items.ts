import type { ChangingMember } from './changing-member.ts';
import { type FoundRows, itemsOf, type MovedRow, movesIn, textsOf } from './found-rows.ts';
import { CLOSE_OBJECT } from './json-bytes.ts';
import { MovingRows } from './moving-rows.ts';
import { PageBytes } from './page-bytes.ts';
import type { ItemStart, KeptPage, PageContent } from './page-content.ts';
import { PageDigests } from './page-digests.ts';
import type { PageRows } from './page-rows.ts';
import { pageSpans } from './page-spans.ts';
import { parseRows } from './parse-rows.ts';
import { RowFinder } from './row-finder.ts';

/** What the items of one page mean, by their bytes. */
export class KnownItems<Item> {
  #content: PageContent = new PageBytes();
  /** Undefined: it has to be parsed each time. */
  #items: (Item | undefined)[] = [];
  /** Where the text of the changing member begins in each item; 0: only a parser can tell. */
  #texts: Uint32Array = new Uint32Array(0);
  #moving = MovingRows.NONE;
  /** The page without its items; null if one of them has to be parsed each time. */
  #frame: object | null = null;
  #sameRows: object = {};

  readonly #mostBytes: number;

  /** Of a page with more bytes than `mostBytes`, digests are kept. */
  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  /** Whether the page has these bytes. */
  isOf(body: Buffer): boolean {
    return this.#content.isOf(body);
  }

  /** The rows of another page; null if only a parser of all of it can say what is there, or what is wrong with it. */
  rowsOf(body: Buffer, changing: ChangingMember<Item>): PageRows<Item> | null {
    const moved = this.#movedOn(body, changing);
    if (moved !== null) return moved;
    const { rows, guessed } = this.#read(body, { changing, mayGuess: true });
    return rows === null && guessed ? this.#read(body, { changing, mayGuess: false }).rows : rows;
  }

  /** The rows of a page in which nothing is another but texts that have moved before; null for any other page. */
  #movedOn(body: Buffer, changing: ChangingMember<Item>): PageRows<Item> | null {
    const { windows } = this.#moving;
    const moved = this.#frame === null ? null : this.#content.changedIn(body, windows);
    if (moved === null) return null;
    const items = this.#items.slice() as Item[];
    for (const index of moved) {
      const row = this.#moving.rowAt(index);
      const text = body.toString('latin1', windows[2 * index], windows[2 * index + 1]);
      const item = changing.withText(items[row]!, text);
      if (item === null) return null;
      items[row] = item;
    }
    return {
      json: this.#frame,
      movesOn: moved.length > 0,
      reading: () => ({ all: items, sameRows: this.#sameRows }),
      remember: () => {
        this.#content.takeIn(body, windows);
        // In place: an array that lives until the next page is freed only by a full garbage collection.
        for (const index of moved) this.#items[this.#moving.rowAt(index)] = items[this.#moving.rowAt(index)];
        return true;
      },
    };
  }

  #read(body: Buffer, { changing, mayGuess }: { changing: ChangingMember<Item>; mayGuess: boolean }) {
    const likelyItems = this.#items.length;
    const places = new Array<number>(likelyItems);
    let rows = 0;
    const moved: MovedRow<Item>[] = [];
    const finder = new RowFinder(this.#content.finderIn(body));
    let guessed = false;
    const endOf = (start: number) => {
      const row = rows++;
      const place = finder.placeOf(row, start);
      places[row] = place;
      if (place >= 0) return start + this.#content.lengthAt(place);
      if (!mayGuess || finder.changed < 0) return 0;
      // Most changes are those of a heartbeat: the item has as many bytes as before. If it has not, they are no JSON.
      const end = start + this.#content.lengthAt(finder.changed);
      if (body[end - 1] !== CLOSE_OBJECT) return 0;
      const item = this.#withOtherText(finder.changed, { body, start }, changing);
      if (item === null) guessed = true;
      else {
        moved.push({ row, item, place: finder.changed });
        finder.stands(row, finder.changed);
      }
      return end;
    };
    const spans = pageSpans(body, { endOf, likelyItems });
    if (spans === null) return { rows: null, guessed };
    places.length = rows;
    const found = { places, moved, changing };
    const items = itemsOf(found, this.#items);
    const json = parseRows(body, spans, (row) => items[row] !== undefined);
    const isSettled = (row: number) => items[row] !== undefined && changing.isSettled(items[row]);
    const page = { body, spans: spans.items, places, isSettled };
    return { rows: json && this.#rows(page, { json, items, found }), guessed };
  }

  /** The item with this place, if nothing in it but its changing member is another one. */
  #withOtherText(place: number, other: ItemStart, changing: ChangingMember<Item>): Item | null {
    const item = this.#items[place];
    const text = this.#texts[place] ?? 0;
    const end = item === undefined || text === 0 ? 0 : this.#content.endOfOtherText(place, text, other);
    if (end === 0) return null;
    return changing.withText(item!, other.body.toString('latin1', other.start + text, other.start + end));
  }

  #rows(
    page: KeptPage,
    { json, items, found }: { json: object; items: (Item | undefined)[]; found: FoundRows<Item> },
  ): PageRows<Item> {
    let mayKeepAll = true;
    const sameRows = {};
    return {
      json,
      movesOn: false,
      reading: ({ reported, mayKeep }) => {
        let reportedBefore = reported();
        return {
          all: null,
          sameRows,
          known: (index) => items[index],
          parsed: (index, row, item) => {
            mayKeepAll &&= mayKeep(row);
            if (item !== null && reported() === reportedBefore) items[index] = item;
            reportedBefore = reported();
          },
        };
      },
      remember: () => {
        if (!mayKeepAll) return false;
        const moves = movesIn(found, this.#moving);
        this.#texts = textsOf(found, page, this.#texts);
        this.#moving = MovingRows.in(page, this.#texts, moves);
        this.#frame = items.includes(undefined) ? null : { ...json, data: [] };
        const isLong = page.body.length > this.#mostBytes;
        const wasLong = this.#content instanceof PageDigests;
        if (isLong !== wasLong) this.#content = isLong ? new PageDigests() : new PageBytes();
        // What has moved may move again.
        const isSettled = (row: number) => page.isSettled(row) && !this.#moving.has(row);
        this.#content.keep({ ...page, isSettled });
        this.#items = items;
        this.#sameRows = sameRows;
        return true;
      },
    };
  }
}
