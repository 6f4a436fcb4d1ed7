export interface QueryRecord {
  readonly path: string;
  readonly query: string;
  readonly results: number | undefined;
}

export interface PanelRecord {
  readonly id: string;
  readonly title: string;
  readonly type: string;
  readonly state: string;
  readonly error: string | null;
  readonly series: readonly { readonly rows: number; readonly fields: readonly string[] }[];
}

/** What the page tells the driver: the driver judges this, not pixels. */
export interface PageLog {
  readonly queries: QueryRecord[];
  panels: () => readonly PanelRecord[];
  variables: () => Readonly<Record<string, number>>;
  /** Draws the annotations again, once the panels are there. */
  refreshAnnotations: () => void;
  fatal: string | null;
}

export const log: PageLog = {
  queries: [],
  panels: () => [],
  variables: () => ({}),
  refreshAnnotations() {},
  fatal: null,
};
Object.assign(globalThis, { pageLog: log });
