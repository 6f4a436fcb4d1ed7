import { costlyJson } from './costly-json.ts';
import { CLOSE_OBJECT } from './json-bytes.ts';
import { pageSpans } from './page-spans.ts';

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

/** Items that came since the last page, or left it, within which the others are still found. */
const MOST_CAME = 32;
const MOST_LEFT = 4;
/** Different items differ within as many bytes, by their ids: only equal ones are worth a comparison of all bytes. */
const START_BYTES = 48;
/** So little JSON cannot have the number of values or keys that would be costly, whatever it says. */
const HARMLESS_BYTES = 24 * 1024;

/** What the items of one page mean, by their bytes. */
export class KnownItems<Item> {
  /** The page; may be followed by bytes of longer ones. */
  #bytes = Buffer.alloc(0);
  #length = 0;
  #spans: Uint32Array = new Uint32Array(0);
  /** Undefined: it has to be parsed each time. */
  #items: readonly (Item | undefined)[] = [];

  /** Whether the page has these bytes. */
  isOf(body: Buffer): boolean {
    return body.length === this.#length && body.compare(this.#bytes, 0, this.#length) === 0;
  }

  /** The rows of another page; null if only a parser of all of it can say what is there, or what is wrong with it. */
  rowsOf(body: Buffer): PageRows<Item> | null {
    const places: number[] = [];
    const lookUp = this.#lookUp(body);
    const found = pageSpans(body, (start) => {
      const place = lookUp(start, places.length);
      places.push(place);
      return place < 0 ? 0 : start + this.#lengthAt(place);
    });
    if (found === null) return null;
    const { opened, closed, items: spans } = found;
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
    const items: (Item | undefined)[] = [];
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
        // Copied into the same memory each time: what outlives a poll would only be freed by a full garbage collection.
        const fits = this.#bytes.length >= body.length && this.#bytes.length <= 2 * body.length;
        if (!fits) this.#bytes = Buffer.allocUnsafeSlow(body.length);
        body.copy(this.#bytes);
        this.#length = body.length;
        this.#spans = Uint32Array.from(spans);
        this.#items = items;
        return true;
      },
    };
  }

  /** Finds the place of the item that starts there; -1 for an item that is not known. Asked row by row. */
  #lookUp(body: Buffer): (start: number, row: number) => number {
    let [lastRow, lastPlace] = [-1, -1];
    return (start, row) => {
      // Where it stands if as many came as left since the last one that was known.
      const expected = lastPlace + row - lastRow;
      const first = Math.max(lastPlace + 1, expected - MOST_CAME);
      let place = this.#isAt(expected, body, start) ? expected : -1;
      for (let one = expected - 1; place < 0 && one >= first; one--) if (this.#isAt(one, body, start)) place = one;
      for (let one = expected + 1; place < 0 && one <= expected + MOST_LEFT; one++) {
        if (this.#isAt(one, body, start)) place = one;
      }
      if (place >= 0) [lastRow, lastPlace] = [row, place];
      return place;
    };
  }

  #lengthAt(place: number): number {
    return this.#spans[2 * place + 1]! - this.#spans[2 * place]!;
  }

  /** Whether the body has, from `start`, the bytes of that item: then it ends where that item ends. */
  #isAt(place: number, body: Buffer, start: number): boolean {
    if (2 * place >= this.#spans.length) return false;
    const from = this.#spans[2 * place]!;
    const length = this.#lengthAt(place);
    if (body[start + length - 1] !== CLOSE_OBJECT) return false;
    const bytes = this.#bytes;
    for (let at = 0; at < START_BYTES && at < length; at++) if (body[start + at] !== bytes[from + at]) return false;
    return body.compare(bytes, from, from + length, start, start + length) === 0;
  }
}
