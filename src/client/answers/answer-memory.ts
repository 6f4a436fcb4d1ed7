import { AnswerRoom } from './answer-room.ts';
import type { ChangingMember } from './changing-member.ts';
import { KnownItems } from './known-items.ts';
import type { KeepRules, KnownRows, WholePage } from './page-rows.ts';

/** How many pages of a list are remembered. Scans read a list of up to this many pages whole each time. */
export const REMEMBERED_PAGES = 3;

/** About two hundred items. Of a larger page, and one may have a thousand items, digests are kept instead of bytes. */
const MOST_BYTES = 131_072;

/** How the pages of one kind of list are read. */
export interface PageReader<Page, Item> extends KeepRules {
  readonly changing: ChangingMember<Item>;
  /** Bytes of memory that an item takes, about. */
  bytesOf(item: Item): number;
  /** Parses the whole body. */
  whole(): Page;
  /** Builds the page when some or all of its rows are known. */
  page(json: unknown, rows: WholePage<Item> | KnownRows<Item>): Page;
}

const ENDLESS = new AnswerRoom(Number.POSITIVE_INFINITY);

interface Remembered<Page, Item> {
  /** Of the request that it answered. */
  readonly requestName: string;
  readonly items: KnownItems<Item>;
  /**
   * The page that the remembered bytes were parsed to. Null if parsing it reported an unknown value, which must be
   * reported each time. Also null for a page that differs at each answer: it would never be returned again, and whatever
   * lives until the next answer is freed only by a full garbage collection.
   */
  page: Page | null;
}

/**
 * Remembers the last pages of one list and their parsed values: docs/design/answers.md#what-is-parsed-again. A page
 * with the same bytes as its last answer is the same object. Of any other page, only items whose bytes changed are
 * parsed, together with the settled items of their block; all others are the same objects. If only the changing member
 * of an item has another text, only that text is parsed.
 */
export class AnswerMemory<Page, Item> {
  /** The one requested last comes last. */
  readonly #pages: Remembered<Page, Item>[] = [];
  /**
   * The latest requests that were made only once, by name. Their answers are not remembered yet: most pages of a full scan of
   * a long list are never requested again.
   */
  readonly #askedOnce: string[] = [];
  readonly #mostBytes: number;
  readonly #room: AnswerRoom;
  #hasLeft = false;
  /** Bytes of memory that the pages take. */
  #bytes = 0;
  /** The last requests for whose pages there was no room, with the bytes of memory that each took per byte of its body. */
  #roomless: Map<string, number> | null = null;

  /** @param mostBytes of a page with more bytes, digests are kept */
  constructor({ mostBytes = MOST_BYTES, room = ENDLESS }: { mostBytes?: number; room?: AnswerRoom } = {}) {
    this.#mostBytes = mostBytes;
    this.#room = room;
  }

  /**
   * The page in the answer to a request. It is remembered from the second answer on; of a page that cannot be read, nothing is
   * remembered.
   *
   * @param requestName of `listRequestNames`: what decides which page is asked for, and how its bytes are read
   * @throws what `reader` throws for a page that cannot be read
   */
  pageOf(requestName: string, body: Buffer, reader: PageReader<Page, Item>): Page {
    const before = this.#known(requestName);
    if (before !== undefined && before.page !== null && before.items.hasBytesOf(body)) return before.page;
    if (before === undefined && !(this.#hasRoom(requestName, body) && this.#isAskedAgain(requestName)))
      return reader.whole();
    const remembered = before ?? { requestName, items: new KnownItems<Item>(this.#mostBytes), page: null };
    let isKept = false;
    try {
      const reportedBefore = reader.reported();
      const rows = remembered.items.rowsOf(body, reader.changing);
      if (rows === null) return reader.whole();
      const page = reader.page(rows.json, rows.rowsFor(reader));
      isKept = rows.remember(reader.bytesOf);
      remembered.page = !rows.isUpdate && reader.reported() === reportedBefore ? page : null;
      return page;
    } finally {
      if (isKept && before === undefined) this.#keep(remembered);
      if (!isKept && before !== undefined) this.#pages.pop();
      this.#takeRoom(body);
    }
  }

  /** The list is no longer read: a read that ends later leaves nothing behind. */
  leave(): void {
    this.#hasLeft = true;
    this.#pages.length = 0;
    this.#setBytes(0);
  }

  /** Forgets the page that was read last if there is no room for it. */
  #takeRoom(body: Buffer): void {
    let bytes = 0;
    for (const { items } of this.#pages) bytes += items.byteLength;
    if (!this.#room.admits(bytes, this.#bytes)) {
      const { requestName, items } = this.#pages.pop()!;
      this.#leaveOut(requestName, items.byteLength / body.length);
      bytes -= items.byteLength;
    }
    this.#setBytes(bytes);
  }

  #leaveOut(requestName: string, memoryPerBodyByte: number): void {
    this.#roomless ??= new Map();
    this.#roomless.delete(requestName);
    this.#roomless.set(requestName, memoryPerBodyByte);
    const [first] = this.#roomless.keys();
    if (this.#roomless.size > REMEMBERED_PAGES) this.#roomless.delete(first!);
  }

  #setBytes(bytes: number): void {
    this.#room.replaceTaken(bytes, this.#bytes);
    this.#bytes = bytes;
  }

  /** Whether there may be room for a page: to build what is remembered of it in vain takes longer than to parse it. */
  #hasRoom(requestName: string, body: Buffer): boolean {
    if (this.#hasLeft) return false;
    const taken = this.#roomless?.get(requestName);
    return taken === undefined || this.#room.admits(this.#bytes + taken * body.length, this.#bytes);
  }

  /** The remembered answer to a request, moved to the end of the pages. */
  #known(requestName: string): Remembered<Page, Item> | undefined {
    const place = this.#pages.findIndex((known) => known.requestName === requestName);
    const known = this.#pages[place];
    if (known === undefined || place === this.#pages.length - 1) return known;
    this.#pages.splice(place, 1);
    this.#pages.push(known);
    return known;
  }

  #keep(remembered: Remembered<Page, Item>): void {
    if (this.#pages.push(remembered) > REMEMBERED_PAGES) this.#pages.shift();
  }

  /** Whether the request was made before; if not, its name is remembered, so that it is next time. */
  #isAskedAgain(requestName: string): boolean {
    const place = this.#askedOnce.indexOf(requestName);
    if (place >= 0) this.#askedOnce.splice(place, 1);
    else if (this.#askedOnce.push(requestName) > REMEMBERED_PAGES) this.#askedOnce.shift();
    return place >= 0;
  }
}
