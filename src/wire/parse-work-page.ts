import type { WorkItem } from '../domain/work.ts';
import type { Drift } from './drift.ts';
import { type PageEnd, readPageEnd } from './page-cursor.ts';
import { parseWorkItem } from './parse-work-item.ts';
import type { ProviderPreset } from './presets.ts';
import { readArray, readObject } from './read-value.ts';

/** Of a page of anything. `first_id`, `last_id` and `has_more` are Qoder's. */
export const PAGE_FIELDS: ReadonlySet<string> = new Set(['data', 'next_page', 'has_more', 'first_id', 'last_id']);

/** One page of an environment's list, in the order the API gave it. */
export interface ParsedWorkPage extends PageEnd {
  readonly items: readonly WorkItem[];
}

/** @throws WireError */
export function parseWorkPage(body: unknown, paging: ProviderPreset['paging'], drift: Drift): ParsedWorkPage {
  const page = readObject(body, '');
  drift.fields('page', page, PAGE_FIELDS);
  const items = readArray(page.data, 'data').map((item, index) => parseWorkItem(item, drift, `data[${index}]`));
  return { items, ...readPageEnd(page, paging) };
}
