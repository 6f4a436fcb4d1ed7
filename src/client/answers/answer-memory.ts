import type { ChangingMember } from './changing-member.ts';
import { KnownItems } from './known-items.ts';
import type { KeepRules, KnownRows, WholePage } from './page-rows.ts';

/** Remembered pages per list: the most pages of a list that every scan reads whole. */
const MOST = 3;
/**
 * Of a page with more bytes, digests are remembered instead: this is about two hundred items, and an answer may have a
 * thousand.
 */
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
  readonly question: string;
  readonly items: KnownItems<Item>;
  /**
   * What its bytes mean. Null if a part of it reports something, and of a page that moves on: what lives until the next
   * answer is freed only by a full garbage collection.
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
  /** The one asked for last is the last. */
  readonly #pages: Remembered<Page, Item>[] = [];
  /**
   * The last questions asked for the first time: most pages of a full scan of a long list are never asked for again.
   */
  readonly #asked: string[] = [];
  readonly #mostBytes: number;

  /** Of a page with more bytes than `mostBytes`, digests are kept. */
  constructor(mostBytes = MOST_BYTES) {
    this.#mostBytes = mostBytes;
  }

  /**
   * The page that answers `question`; remembered from the second time on. If it cannot be read, nothing is remembered.
   */
  valueOf(question: string, body: Buffer, reader: PageReader<Page, Item>): Page {
    const before = this.#known(question);
    if (before !== undefined && before.page !== null && before.items.isOf(body)) return before.page;
    if (before === undefined && !this.#isAskedAgain(question)) return reader.whole();
    const remembered = before ?? { question, items: new KnownItems<Item>(this.#mostBytes), page: null };
    let isKept = false;
    try {
      const reportedBefore = reader.reported();
      const rows = remembered.items.rowsOf(body, reader.changing);
      if (rows === null) return reader.whole();
      const page = reader.page(rows.json, rows.reading(reader));
      isKept = rows.remember();
      remembered.page = !rows.movesOn && reader.reported() === reportedBefore ? page : null;
      return page;
    } finally {
      if (isKept && before === undefined) this.#keep(remembered);
      if (!isKept && before !== undefined) this.#pages.pop();
    }
  }

  /** What is known of an answer to the question, which becomes the last of the pages. */
  #known(question: string): Remembered<Page, Item> | undefined {
    const place = this.#pages.findIndex((known) => known.question === question);
    const known = this.#pages[place];
    if (known === undefined || place === this.#pages.length - 1) return known;
    this.#pages.splice(place, 1);
    this.#pages.push(known);
    return known;
  }

  #keep(remembered: Remembered<Page, Item>): void {
    if (this.#pages.push(remembered) > MOST) this.#pages.shift();
  }

  #isAskedAgain(question: string): boolean {
    const place = this.#asked.indexOf(question);
    if (place >= 0) this.#asked.splice(place, 1);
    else if (this.#asked.push(question) > MOST) this.#asked.shift();
    return place >= 0;
  }
}

/**
 * Names what is asked of a list, and how it is read: what the same bytes mean depends on both. The last name is kept,
 * as nearly all lists are asked the same, and the same string is compared at once.
 */
export function listQuestions(provider: string): (query: string, metadataKeys?: readonly string[]) => string {
  const named = (query: string, metadataKeys?: readonly string[]) => {
    return { query, metadataKeys, name: JSON.stringify([provider, query, metadataKeys]) };
  };
  let last = named('');
  return (query, metadataKeys) => {
    if (last.query !== query || last.metadataKeys !== metadataKeys) last = named(query, metadataKeys);
    return last.name;
  };
}
