import type { ChangingMember } from './changing-member.ts';
import { ChangingRows } from './changing-rows.ts';
import { type FoundRows, hasChangedIn, itemsOf, textsOf, type UpdatedRow } from './found-rows.ts';
import { CLOSE_OBJECT } from './json-bytes.ts';
import { PageBytes } from './page-bytes.ts';
import type { ItemStart, KeptPage, PageContent } from './page-content.ts';
import { PageDigests } from './page-digests.ts';
import type { PageRows } from './page-rows.ts';
import { pageSpans } from './page-spans.ts';
import { parseRows } from './parse-rows.ts';
import { RowFinder } from './row-finder.ts';

/** Bytes of memory that a byte of the JSON around the items may take once it is parsed: objects without members take most. */
const MEMORY_PER_FRAME_BYTE = 24;
/** Bytes of a row in the arrays of the page, of its items and of their texts. */
const BYTES_PER_ROW = 20;

/** The parsed items of one remembered page, recognized by their bytes. */
export class KnownItems<Item> {
  #content: PageContent = new PageBytes();
  /** By row; undefined for an item that has to be parsed each time. */
  #items: (Item | undefined)[] = [];
  /** The offset of the changing member's text in each item; 0 if it has none that can be replaced. */
  #texts: Uint32Array = new Uint32Array(0);
  #changing = ChangingRows.NONE;
  /** The JSON of the page without its items; null if one of them has to be parsed each time. */
  #frame: object | null = null;
  #sameRows: object = {};
  #itemBytes = 0;

  readonly #mostBytes: number;

  /** @param mostBytes of a page with more bytes, digests are kept */
  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  /** Bytes of memory that it takes, about. */
  get byteLength(): number {
    return this.#content.byteLength + this.#itemBytes;
  }

  /** Whether the remembered page has exactly these bytes. */
  hasBytesOf(body: Buffer): boolean {
    return this.#content.hasBytesOf(body);
  }

  /** The rows of the next answer; null if it has to be parsed as a whole, to be read or to be rejected. */
  rowsOf(body: Buffer, changing: ChangingMember<Item>): PageRows<Item> | null {
    const updated = this.#updateOf(body, changing);
    if (updated !== null) return updated;
    const { rows, guessed } = this.#read(body, { changing, mayGuess: true });
    return rows === null && guessed ? this.#read(body, { changing, mayGuess: false }).rows : rows;
  }

  /** The rows of an answer in which nothing has changed but members that changed before; null for any other answer. */
  #updateOf(body: Buffer, changing: ChangingMember<Item>): PageRows<Item> | null {
    const { windows } = this.#changing;
    const updated = this.#frame === null ? null : this.#content.changedWindows(body, windows);
    if (updated === null) return null;
    const items = this.#items.slice() as Item[];
    for (const index of updated) {
      const row = this.#changing.rowAt(index);
      const text = body.toString('latin1', windows[2 * index], windows[2 * index + 1]);
      const item = changing.withText(items[row]!, text);
      if (item === null) return null;
      items[row] = item;
    }
    return {
      json: this.#frame,
      isUpdate: updated.length > 0,
      rowsFor: () => ({ all: items, sameRows: this.#sameRows }),
      remember: () => {
        this.#content.storeWindows(body, windows);
        // In place: a new array would live until the next answer and be freed only by a full garbage collection.
        for (const index of updated) this.#items[this.#changing.rowAt(index)] = items[this.#changing.rowAt(index)];
        return true;
      },
    };
  }

  #read(body: Buffer, { changing, mayGuess }: { changing: ChangingMember<Item>; mayGuess: boolean }) {
    const likelyItems = this.#items.length;
    const places = new Array<number>(likelyItems);
    let rows = 0;
    const updated: UpdatedRow<Item>[] = [];
    const finder = new RowFinder(this.#content.comparerWith(body));
    let guessed = false;
    const endOf = (start: number) => {
      const row = rows++;
      const place = finder.placeOf(row, start);
      places[row] = place;
      if (place >= 0) return start + this.#content.lengthAt(place);
      if (!mayGuess || finder.changed < 0) return 0;
      // Usually only the heartbeat has changed and the length is the same. A wrong guess shows as invalid JSON.
      const end = start + this.#content.lengthAt(finder.changed);
      if (body[end - 1] !== CLOSE_OBJECT) return 0;
      const item = this.#withOtherText(finder.changed, { body, start }, changing);
      if (item === null) guessed = true;
      else {
        updated.push({ row, item, place: finder.changed });
        finder.found(row, finder.changed);
      }
      return end;
    };
    const spans = pageSpans(body, { endOf, likelyItems });
    if (spans === null) return { rows: null, guessed };
    places.length = rows;
    const found = { places, updated, changing };
    const items = itemsOf(found, this.#items);
    const json = parseRows(body, spans, (row) => items[row] !== undefined);
    const isSettled = (row: number) => items[row] !== undefined && changing.isSettled(items[row]);
    const page = { body, spans: spans.items, places, isSettled };
    return { rows: json && this.#rows(page, { json, items, found }), guessed };
  }

  /** The item of this row of the kept page with its new text, if nothing else in it has changed; otherwise null. */
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
      isUpdate: false,
      rowsFor: ({ reported, mayKeep }) => {
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
      remember: (bytesOf) => {
        if (!mayKeepAll) return false;
        const hasChanged = hasChangedIn(found, this.#changing);
        this.#texts = textsOf(found, page, this.#texts);
        this.#changing = ChangingRows.in(page, this.#texts, hasChanged);
        this.#frame = items.includes(undefined) ? null : { ...json, data: [] };
        const isLong = page.body.length > this.#mostBytes;
        const wasLong = this.#content instanceof PageDigests;
        if (isLong !== wasLong) this.#content = isLong ? new PageDigests() : new PageBytes();
        // What has changed before may change again.
        const isSettled = (row: number) => page.isSettled(row) && !this.#changing.has(row);
        this.#content.keep({ ...page, isSettled });
        this.#items = items;
        const { body, spans } = page;
        this.#itemBytes = (body.length - ((spans.at(-1) ?? 0) - (spans[0] ?? 0))) * MEMORY_PER_FRAME_BYTE;
        for (const item of items) this.#itemBytes += BYTES_PER_ROW + (item === undefined ? 0 : bytesOf(item));
        this.#sameRows = sameRows;
        return true;
      },
    };
  }
}
