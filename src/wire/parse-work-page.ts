import type { WorkItem } from '../domain/work.ts';
import type { Drift } from './drift.ts';
import { type PageEnd, readPageEnd } from './page-cursor.ts';
import { parseWorkItem } from './parse-work-item.ts';
import type { ProviderPreset } from './presets.ts';
import { readArray, readObject } from './read-value.ts';
import { WireError } from './wire-error.ts';

/** The fields of any page. `first_id`, `last_id` and `has_more` are Qoder's. */
export const PAGE_FIELDS: ReadonlySet<string> = new Set(['data', 'next_page', 'has_more', 'first_id', 'last_id']);

/** One page of an environment's list, in the order of the API. */
export interface ParsedWorkPage extends PageEnd {
  readonly items: readonly WorkItem[];
}

/** Where a page was asked for, and how to read it. */
export interface WorkPageContext {
  readonly paging: ProviderPreset['paging'];
  readonly drift: Drift;
  /** Items that name another environment are left out and count as drift. */
  readonly environmentId: string;
}

/** Reads a row of a page, or knows what it means without `parse`. Null: it is another environment's. */
type ReadRow = (row: unknown, index: number, parse: () => WorkItem | null) => WorkItem | null;

/** @throws WireError, also for a page on which every item is another environment's: it answers something else */
export function parseWorkPage(
  body: unknown,
  { paging, drift, environmentId }: WorkPageContext,
  readRow: ReadRow = (_row, _index, parse) => parse(),
): ParsedWorkPage {
  const page = readObject(body, '');
  drift.fields('page', page, PAGE_FIELDS);
  const rows = readArray(page.data, 'data');
  const items: WorkItem[] = [];
  for (const [index, row] of rows.entries()) {
    const item = readRow(row, index, () => {
      const parsed = parseWorkItem(row, drift, `data[${index}]`);
      if (isOf(environmentId, row)) return parsed;
      drift.value('field');
      return null;
    });
    if (item !== null) items.push(item);
  }
  if (items.length === 0 && rows.length > 0) throw new WireError('data', OF_THIS_ENVIRONMENT, rows);
  return { items, ...readPageEnd(page, paging) };
}

/** One item that was asked for by its id. @throws WireError, also for an item of another environment */
export function parseSingleItem(body: unknown, { drift, environmentId }: Omit<WorkPageContext, 'paging'>): WorkItem {
  const item = parseWorkItem(body, drift);
  if (!isOf(environmentId, body)) throw new WireError('', 'an item of the environment that was asked for', body);
  return item;
}

const OF_THIS_ENVIRONMENT = 'items of the environment that was asked for';

/** Not every service says which environment an item belongs to. */
function isOf(environmentId: string, row: unknown): boolean {
  const { environment_id: told } = row as { readonly environment_id?: unknown };
  return told === undefined || told === null || told === environmentId;
}
