import { costlyJson } from './costly-json.ts';
import { CLOSE_OBJECT } from './json-bytes.ts';
import { PageBytes } from './page-bytes.ts';
import type { PageContent } from './page-content.ts';
import { PageDigests } from './page-digests.ts';
import { type PageSpans, pageSpans } from './page-spans.ts';
import { RowFinder } from './row-finder.ts';

/** Knows what some rows of a page mean, and is told what the others do. */
export interface KnownRows<Item> {
  /** Undefined: the row has to be parsed. */
  known(index: number): Item | undefined;
  /** Null: it does not belong there. */
  parsed(index: number, row: unknown, item: Item | null): void;
}

/** What may be kept of what is read. */
export interface KeepRules {
  /** How many things new to this version were reported so far: what reports one is parsed each time. */
  reported(): number;
  /** Of a page with a row that may not be kept, nothing is. */
  mayKeep(row: unknown): boolean;
}

/** The rows of a page. Of those that are known, `json` has only the place. */
export interface PageRows<Item> {
  readonly json: unknown;
  reading(rules: KeepRules): KnownRows<Item>;
  /** From now on, this page is the known one, if it may be kept; whether it is. */
  remember(): boolean;
}

/** So little JSON cannot have the number of values or keys that would be costly, whatever it says. */
const HARMLESS_BYTES = 24 * 1024;

/** What the items of one page mean, by their bytes. */
export class KnownItems<Item> {
  #content: PageContent = new PageBytes();
  /** Undefined: it has to be parsed each time. */
  #items: readonly (Item | undefined)[] = [];

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
  rowsOf(body: Buffer): PageRows<Item> | null {
    const { rows, guessed } = this.#read(body, { mayGuess: true });
    return rows === null && guessed ? this.#read(body, { mayGuess: false }).rows : rows;
  }

  #read(body: Buffer, { mayGuess }: { readonly mayGuess: boolean }): { rows: PageRows<Item> | null; guessed: boolean } {
    const places: number[] = [];
    const finder = new RowFinder(this.#content.finderIn(body));
    let guessed = false;
    const found = pageSpans(body, (start) => {
      const place = finder.placeOf(places.length, start);
      places.push(place);
      if (place >= 0) return start + this.#content.lengthAt(place);
      if (!mayGuess || finder.changed < 0) return 0;
      // Most changes are those of a heartbeat: the item has as many bytes as before. If it has not, they are no JSON.
      const end = start + this.#content.lengthAt(finder.changed);
      if (body[end - 1] !== CLOSE_OBJECT) return 0;
      guessed = true;
      return end;
    });
    return { rows: found && this.#parsed(body, found, places), guessed };
  }

  #parsed(body: Buffer, { opened, closed, items: spans }: PageSpans, places: readonly number[]): PageRows<Item> | null {
    const isKnown = (row: number) => places[row]! >= 0 && this.#items[places[row]!] !== undefined;
    let bytes = body.length - (closed - opened);
    for (let row = 0; row < places.length; row++) if (!isKnown(row)) bytes += spans[2 * row + 1]! - spans[2 * row]!;
    if (bytes > HARMLESS_BYTES && costlyJson(body) !== null) return null;
    try {
      const json = JSON.parse(body.toString('utf8', 0, opened) + body.toString('utf8', closed)) as { data: unknown[] };
      for (let row = 0; row < places.length; row++) {
        const [start, end] = [spans[2 * row]!, spans[2 * row + 1]!];
        json.data.push(isKnown(row) ? null : JSON.parse(body.toString('utf8', start, end)));
      }
      return this.#rows(body, { json, places, spans });
    } catch {
      return null;
    }
  }

  #rows(
    body: Buffer,
    { json, places, spans }: { json: unknown; places: readonly number[]; spans: readonly number[] },
  ): PageRows<Item> {
    const before = this.#items;
    // Of its final length, as it lives as long as the page: one that grows is larger, and leaves shorter ones behind.
    const items = new Array<Item | undefined>(places.length);
    let mayKeepAll = true;
    return {
      json,
      reading: ({ reported, mayKeep }) => {
        let reportedBefore = reported();
        return {
          known: (index) => {
            const place = places[index]!;
            const known = place < 0 ? undefined : before[place];
            items[index] = known;
            return known;
          },
          parsed: (index, row, item) => {
            mayKeepAll &&= mayKeep(row);
            if (item !== null && reported() === reportedBefore) items[index] = item;
            reportedBefore = reported();
          },
        };
      },
      remember: () => {
        if (!mayKeepAll) return false;
        const isLong = body.length > this.#mostBytes;
        const wasLong = this.#content instanceof PageDigests;
        if (isLong !== wasLong) this.#content = isLong ? new PageDigests() : new PageBytes();
        this.#content.keep({ body, spans, places: isLong === wasLong ? places : places.map(() => -1) });
        this.#items = items;
        return true;
      },
    };
  }
}
