/** The items of a page of which each is known; its JSON has not even their places. */
export interface WholePage<Item> {
  readonly all: readonly Item[];
  /** The same object for all pages in which nothing but texts of the changing member is another one. */
  readonly sameRows: object;
}

/** Knows what some rows of a page mean, and is told what the others do. */
export interface KnownRows<Item> {
  readonly all: null;
  readonly sameRows: object;
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
  /** Nothing in it is new but texts that have moved before: the next page is probably another one again. */
  readonly movesOn: boolean;
  reading(rules: KeepRules): WholePage<Item> | KnownRows<Item>;
  /** From now on, this page is the known one, if it may be kept; whether it is. */
  remember(): boolean;
}
