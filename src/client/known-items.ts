import { type ChangingMember, textOfMember } from './changing-member.ts';
import { costlyJson } from './costly-json.ts';
import { CLOSE_OBJECT } from './json-bytes.ts';
import { PageBytes } from './page-bytes.ts';
import type { ItemStart, KeptPage, PageContent } from './page-content.ts';
import { PageDigests } from './page-digests.ts';
import type { PageRows } from './page-rows.ts';
import { type PageSpans, pageSpans } from './page-spans.ts';
import { RowFinder } from './row-finder.ts';

/** A row whose changing member alone has changed. */
interface Moved<Item> {
  readonly row: number;
  readonly item: Item;
  /** Where it stood before. */
  readonly place: number;
}

interface FoundRows<Item> {
  /** Where each row stood in the page before, with the same bytes; -1 for another one. */
  readonly places: readonly number[];
  readonly moved: readonly Moved<Item>[];
  readonly changing: ChangingMember<Item>;
}

/** So little JSON cannot have the number of values or keys that would be costly, whatever it says. */
const HARMLESS_BYTES = 24 * 1024;

/** What the items of one page mean, by their bytes. */
export class KnownItems<Item> {
  #content: PageContent = new PageBytes();
  /** Undefined: it has to be parsed each time. */
  #items: readonly (Item | undefined)[] = [];
  /** Where the text of the changing member begins in each item; 0: only a parser can tell. */
  #texts: Uint32Array = new Uint32Array(0);

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
    const { rows, guessed } = this.#read(body, { changing, mayGuess: true });
    return rows === null && guessed ? this.#read(body, { changing, mayGuess: false }).rows : rows;
  }

  #read(body: Buffer, { changing, mayGuess }: { changing: ChangingMember<Item>; mayGuess: boolean }) {
    const likelyItems = this.#items.length;
    const places = new Array<number>(likelyItems);
    let rows = 0;
    const moved: Moved<Item>[] = [];
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
    const found = pageSpans(body, { endOf, likelyItems });
    places.length = rows;
    return { rows: found && this.#parsed(body, found, { places, moved, changing }), guessed };
  }

  /** The item with this place, if nothing in it but its changing member is another one. */
  #withOtherText(place: number, other: ItemStart, changing: ChangingMember<Item>): Item | null {
    const item = this.#items[place];
    const text = this.#texts[place] ?? 0;
    const end = item === undefined || text === 0 ? 0 : this.#content.endOfOtherText(place, text, other);
    if (end === 0) return null;
    return changing.withText(item!, other.body.toString('latin1', other.start + text, other.start + end));
  }

  #parsed(body: Buffer, { opened, closed, items: spans }: PageSpans, found: FoundRows<Item>): PageRows<Item> | null {
    const { places, moved } = found;
    // Of its final length, as it lives as long as the page: one that grows is larger, and leaves shorter ones behind.
    const known = new Array<Item | undefined>(places.length);
    for (let row = 0; row < places.length; row++) if (places[row]! >= 0) known[row] = this.#items[places[row]!];
    for (const { row, item } of moved) known[row] = item;
    let bytes = body.length - (closed - opened);
    for (let row = 0; row < places.length; row++) {
      if (known[row] === undefined) bytes += spans[2 * row + 1]! - spans[2 * row]!;
    }
    if (bytes > HARMLESS_BYTES && costlyJson(body) !== null) return null;
    try {
      const json = JSON.parse(body.toString('utf8', 0, opened) + body.toString('utf8', closed)) as { data: unknown[] };
      const rows = new Array<unknown>(places.length).fill(null);
      for (let row = 0; row < rows.length; row++) {
        const [start, end] = [spans[2 * row]!, spans[2 * row + 1]!];
        if (known[row] === undefined) rows[row] = JSON.parse(body.toString('utf8', start, end));
      }
      json.data = rows;
      return this.#rows({ body, spans, places }, { json, known, found });
    } catch {
      return null;
    }
  }

  #rows(
    page: KeptPage,
    { json, known: items, found }: { json: unknown; known: (Item | undefined)[]; found: FoundRows<Item> },
  ): PageRows<Item> {
    let mayKeepAll = true;
    return {
      json,
      reading: ({ reported, mayKeep }) => {
        let reportedBefore = reported();
        return {
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
        this.#texts = textsOf(page, this.#texts, found);
        const isLong = page.body.length > this.#mostBytes;
        const wasLong = this.#content instanceof PageDigests;
        if (isLong !== wasLong) this.#content = isLong ? new PageDigests() : new PageBytes();
        this.#content.keep(isLong === wasLong ? page : { ...page, places: page.places.map(() => -1) });
        this.#items = items;
        return true;
      },
    };
  }
}

/** Where the changing member of each item stands: where it stood, except in items that are new or changed otherwise. */
function textsOf<Item>(
  { body, spans, places }: KeptPage,
  before: Uint32Array,
  { moved, changing }: FoundRows<Item>,
): Uint32Array {
  // A plain loop, as it looks at each row of each page; `moved` is in the order of the rows.
  const texts = new Uint32Array(places.length);
  let next = 0;
  for (let row = 0; row < texts.length; row++) {
    const place = moved[next]?.row === row ? moved[next++]!.place : places[row]!;
    texts[row] = place < 0 ? textOfMember(body, spans[2 * row]!, changing.key) : before[place]!;
  }
  return texts;
}
