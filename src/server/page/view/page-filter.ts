import { hasKnownKey } from '../../../base/key-shape.ts';
import type { EnvironmentView } from './environment-view.ts';
import { LEVEL_NAMES, LEVELS, type Level } from './level.ts';

/** What a reader wants to see; everything without a filter. */
export interface PageFilter {
  /** Searched in the name, id, labels and connection; all words must occur. */
  readonly text: string;
  readonly level: Level | null;
}

export const NO_FILTER: PageFilter = { text: '', level: null };
const LONGEST_TEXT = 100;

/** From the query of the address. The page repeats it, but no key that somebody pasted. */
export function readFilter(query: unknown): PageFilter {
  const { q, status } = (query ?? {}) as { readonly q?: unknown; readonly status?: unknown };
  const level = LEVEL_NAMES.find((name) => name === status) ?? null;
  const text = typeof q === 'string' && !hasKnownKey(q) ? q.slice(0, LONGEST_TEXT).trim() : '';
  return { text, level };
}

export function matchesFilter({ json, level }: EnvironmentView, filter: PageFilter): boolean {
  if (filter.level !== null && filter.level !== level) return false;
  const labels = Object.entries(json.labels).map(([label, value]) => `${label}=${value}`);
  const text = [json.name, json.id, json.connection, LEVELS[level].word, ...labels].join('\n').toLowerCase();
  return filter.text
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}
