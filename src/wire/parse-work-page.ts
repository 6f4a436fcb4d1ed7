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
  /** The same object in answers that differ in nothing but heartbeats; absent if the page is not remembered. */
  readonly sameRows?: object | undefined;
}

/** Where a page was asked for, and how to read it. */
export interface WorkPageContext {
  readonly paging: ProviderPreset['paging'];
  readonly drift: Drift;
  /** Items that name another environment are left out and count as drift. */
  readonly environmentId: string;
  /** The only keys of an item's metadata to keep; all of them if it is absent. */
  readonly metadataKeys?: readonly string[] | undefined;
}

/** All items of a page, each of them known: its body has no rows at all. */
export interface KnownWorkPage {
  readonly all: readonly WorkItem[];
  readonly sameRows: object;
}

/** Returns the rows that are known already, and is told what the others were parsed to. */
export interface RowMemory {
  readonly all: null;
  readonly sameRows: object;
  /** Undefined: the row has to be parsed. */
  known(index: number): WorkItem | undefined;
  /** `item` is null for a row of another environment. */
  parsed(index: number, row: unknown, item: WorkItem | null): void;
}

/** @throws WireError, also for a page on which every item is another environment's: it answers something else */
export function parseWorkPage(
  body: unknown,
  context: WorkPageContext,
  memory?: KnownWorkPage | RowMemory,
): ParsedWorkPage {
  const { paging, drift } = context;
  const page = readObject(body, '');
  drift.fields('page', page, PAGE_FIELDS);
  const items = memory?.all ? memory.all : parseRows(readArray(page.data, 'data'), context, memory);
  return { items, sameRows: memory?.sameRows, ...readPageEnd(page, paging) };
}

function parseRows(rows: readonly unknown[], context: WorkPageContext, memory?: RowMemory): readonly WorkItem[] {
  // Allocated at its final length: it lives until the next answer, and a growing array would keep spare room.
  const items = new Array<WorkItem>(rows.length);
  let count = 0;
  for (let index = 0; index < rows.length; index++) {
    const known = memory?.known(index);
    if (known !== undefined) items[count++] = known;
    else {
      const item = parseRow(rows[index], index, context);
      if (item !== null) items[count++] = item;
      memory?.parsed(index, rows[index], item);
    }
  }
  items.length = count;
  if (items.length === 0 && rows.length > 0) throw new WireError('data', OF_THIS_ENVIRONMENT, rows);
  return items;
}

function parseRow(
  row: unknown,
  index: number,
  { drift, environmentId, metadataKeys }: WorkPageContext,
): WorkItem | null {
  const item = parseWorkItem(row, drift, `data[${index}]`, metadataKeys);
  if (isOf(environmentId, row)) return item;
  drift.value('field');
  return null;
}

/** One item that was asked for by its id. @throws WireError, also for an item of another environment */
export function parseSingleItem(
  body: unknown,
  { drift, environmentId, metadataKeys }: Omit<WorkPageContext, 'paging'>,
): WorkItem {
  const item = parseWorkItem(body, drift, '', metadataKeys);
  if (!isOf(environmentId, body)) throw new WireError('', 'an item of the environment that was asked for', body);
  return item;
}

const OF_THIS_ENVIRONMENT = 'items of the environment that was asked for';

/** Not every service says which environment an item belongs to. */
function isOf(environmentId: string, row: unknown): boolean {
  const { environment_id: told } = row as { readonly environment_id?: unknown };
  return told === undefined || told === null || told === environmentId;
}
