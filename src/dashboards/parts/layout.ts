import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import { type Panel, RowBuilder, type RowPanel } from '@grafana/grafana-foundation-sdk/dashboard';

const GRID_WIDTH = 24;

/** A panel with its place: an id that never changes, because links use it, and a width of at most 24. */
export interface Placed {
  readonly id: number;
  readonly width: number;
  readonly panel: Builder<Panel>;
}

/** Panels of one height, wrapped at the width of the grid. */
export interface BoardRow {
  /** A heading above the row, with its own id. */
  readonly heading?: { readonly id: number; readonly title: string };
  /** In grid units of 38 pixels. */
  readonly height: number;
  readonly panels: readonly Placed[];
}

/** Places rows on the grid, one below the other: the SDK's builders leave ids and overflow to the caller. */
export function layOut(rows: readonly BoardRow[]): (Panel | RowPanel)[] {
  let y = 0;
  return rows.flatMap(({ heading, height, panels }) => {
    const placed: (Panel | RowPanel)[] = [];
    if (heading !== undefined) {
      const row = new RowBuilder(heading.title).id(heading.id).build();
      placed.push({ ...row, gridPos: { x: 0, y, w: GRID_WIDTH, h: 1 } });
      y += 1;
    }
    let x = 0;
    for (const { id, width, panel } of panels) {
      if (x + width > GRID_WIDTH) {
        x = 0;
        y += height;
      }
      placed.push({ ...asJson(panel.build()), id, gridPos: { x, y, w: width, h: height } });
      x += width;
    }
    y += height;
    return placed;
  });
}

/** The object as the JSON file will contain it: builders return live objects, which have functions. */
export function asJson<T>(built: T): T {
  return JSON.parse(JSON.stringify(built)) as T;
}
