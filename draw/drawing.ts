import type { PanelRecord, QueryRecord } from './src/log.ts';

/** A text on a canvas, in pixels of the page, and how large the canvas is. */
export interface DrawnText {
  readonly panel: string;
  readonly text: string;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  readonly width: number;
  readonly height: number;
}

/** A text, and the panel it stands in. */
export interface PlacedText {
  readonly panel: string;
  readonly text: string;
}

/** A row of a legend or a table of which only a part is to be seen. */
export interface CutRow extends PlacedText {
  readonly direction: 'high' | 'wide';
  readonly size: number;
  readonly seen: number;
}

/** What a drawn board shows, as the page tells it. */
export interface Drawing {
  readonly panels: readonly PanelRecord[];
  readonly variables: Readonly<Record<string, number>>;
  readonly queries: readonly QueryRecord[];
  /** Texts that do not fit where they stand. */
  readonly clipped: readonly PlacedText[];
  readonly cut: readonly CutRow[];
  /** Columns of tables that reach beyond their table. */
  readonly beyond: readonly PlacedText[];
  /** Texts that a chart drew, and where its canvas ends. */
  readonly drawn: readonly DrawnText[];
  readonly links: readonly string[];
  /** The texts of table rows, in the order drawn, by panel title. */
  readonly tables: Readonly<Record<string, readonly (readonly string[])[]>>;
  readonly texts: Readonly<Record<string, string>>;
  readonly problems: readonly string[];
  readonly height: number;
}
