/** All items of a page, each of them known: its JSON has no rows at all. */
export interface WholePage<Item> {
  readonly all: readonly Item[];
  /** The same object for all pages that differ in nothing but their changing members. */
  readonly sameRows: object;
}

/** Returns the rows that are known already, and is told what the others were parsed to. */
export interface KnownRows<Item> {
  readonly all: null;
  readonly sameRows: object;
  /** Undefined: the row has to be parsed. */
  known(index: number): Item | undefined;
  /** `item` is null for a row that does not belong to the list. */
  parsed(index: number, row: unknown, item: Item | null): void;
}

/** Decides which parsed rows may be remembered. */
export interface KeepRules {
  /** How many unknown values were reported so far: a row that reports one is parsed each time, to be reported again. */
  reported(): number;
  /** If one row of a page may not be kept, nothing of the page is. */
  mayKeep(row: unknown): boolean;
}

/** The rows of a page. In `json`, null stands for each row that is known. */
export interface PageRows<Item> {
  readonly json: unknown;
  /** Nothing but members that also changed before has changed: the next page will probably differ again. */
  readonly isUpdate: boolean;
  /** What a reader of the page needs: its items, or those of them that are known and a way to tell the parsed ones. */
  rowsFor(rules: KeepRules): WholePage<Item> | KnownRows<Item>;
  /**
   * Remembers this page instead of the previous one, if it may be kept. Returns whether it is.
   *
   * @param bytesOf bytes of memory that an item takes, about
   */
  remember(bytesOf: (item: Item) => number): boolean;
}
