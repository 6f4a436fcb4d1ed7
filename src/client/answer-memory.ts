import type { ChangingMember } from './changing-member.ts';
import { KnownItems } from './known-items.ts';
import type { KeepRules, KnownRows, WholePage } from './page-rows.ts';

/** Remembered pages per list: as many as the most pages of a list that every scan reads whole. */
const MOST = 3;
/** Of a longer page, digests are remembered and not its bytes: two hundred items, where an answer may have a thousand. */
const MOST_BYTES = 131_072;

/** How the pages of one kind of list are read. */
export interface PageReader<Page, Item> extends KeepRules {
  readonly changing: ChangingMember<Item>;
  /** Parses all of the body. */
  whole(): Page;
  /** Reads a page of which some or all rows are known. */
  page(json: unknown, rows: WholePage<Item> | KnownRows<Item>): Page;
}

interface Remembered<Page, Item> {
  readonly items: KnownItems<Item>;
  /**
   * What its bytes mean. Null if a part of it reports something, and of a page that moves on: what lives until the next
   * answer is freed only by a full garbage collection.
   */
  readonly page: Page | null;
}

/**
 * Remembers what the last pages of one list meant. A page with the same bytes as its last answer is the same object; of
 * any other page, only the items whose bytes changed are parsed, and the rest are the same objects. Of an item in which
 * nothing but the changing member is another one, only that is read.
 */
export class AnswerMemory<Page, Item> {
  readonly #pages = new Map<string, Remembered<Page, Item>>();
  /** The last questions asked for the first time: most pages of a full scan of a long list are never asked for again. */
  readonly #asked: string[] = [];
  readonly #mostBytes: number;

  /** Of a page with more bytes than `mostBytes`, digests are kept. */
  constructor(mostBytes = MOST_BYTES) {
    this.#mostBytes = mostBytes;
  }

  /** The page that answers `question`; remembered from the second time on. If it cannot be read, nothing is remembered. */
  valueOf(question: string, body: Buffer, reader: PageReader<Page, Item>): Page {
    const before = this.#pages.get(question);
    if (before?.page != null && before.items.isOf(body)) return before.page;
    if (before === undefined && !this.#isAskedAgain(question)) return reader.whole();
    this.#pages.delete(question);
    const items = before?.items ?? new KnownItems<Item>(this.#mostBytes);
    const reportedBefore = reader.reported();
    const rows = items.rowsOf(body, reader.changing);
    if (rows === null) return reader.whole();
    const page = reader.page(rows.json, rows.reading(reader));
    if (!rows.remember()) return page;
    const isWorthKeeping = !rows.movesOn && reader.reported() === reportedBefore;
    this.#pages.set(question, { items, page: isWorthKeeping ? page : null });
    const [oldest] = this.#pages.keys();
    if (this.#pages.size > MOST) this.#pages.delete(oldest!);
    return page;
  }

  #isAskedAgain(question: string): boolean {
    const place = this.#asked.indexOf(question);
    if (place >= 0) this.#asked.splice(place, 1);
    else if (this.#asked.push(question) > MOST) this.#asked.shift();
    return place >= 0;
  }
}
