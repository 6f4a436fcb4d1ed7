import { beginningOf } from '../base/beginning-of.ts';
import type { EpochMs } from '../base/clock.ts';
import { looksLikeKey } from '../base/key-shape.ts';
import { shownText } from '../base/shown-text.ts';
import type { Drift } from './drift.ts';
import { type PageEnd, readPageEnd } from './page-cursor.ts';
import { PAGE_FIELDS } from './parse-work-page.ts';
import { isSafeSegment } from './path-segment.ts';
import type { ProviderPreset } from './presets.ts';
import { readArray, readObject, readText } from './read-value.ts';
import { parseTimestamp } from './timestamp.ts';
import { WireError } from './wire-error.ts';

const FIELDS = new Set([
  'id',
  'type',
  'name',
  'description',
  'config',
  'metadata',
  'created_at',
  'updated_at',
  'archived_at',
  'scope',
]);

/** As many entries as a page is asked for at most. Each that is left out takes memory, too. */
const MOST_UNUSABLE = 1000;
/** Nobody needs more of the word for a type that this version does not know. */
const LONGEST_TYPE = 128;

export interface ParsedEnvironment {
  readonly id: string;
  readonly name: string;
  readonly configType: string;
  readonly archived: boolean;
  /** Null if the API gives none, or one in an unknown notation. */
  readonly createdAt: EpochMs | null;
  readonly archivedAt: EpochMs | null;
}

export interface ParsedEnvironmentsPage extends PageEnd {
  readonly environments: readonly ParsedEnvironment[];
  /** What is wrong with each entry that was left out. */
  readonly skipped: readonly string[];
}

/**
 * One page of the list of environments. An entry whose id may not stand in a path could never be read and is left out:
 * it must not hide the others. Anything else wrong rejects the whole page, because an environment that is watched must
 * not be taken for a deleted one.
 *
 * @throws WireError, also for a page without a single usable id, or with more unusable ones than a page may have entries: it
 *   is about something else
 */
export function parseEnvironmentsPage(
  body: unknown,
  paging: ProviderPreset['paging'],
  drift: Drift,
): ParsedEnvironmentsPage {
  const page = readObject(body, '');
  drift.fields('page', page, PAGE_FIELDS);
  const environments: ParsedEnvironment[] = [];
  const unusable: WireError[] = [];
  for (const [index, value] of readArray(page.data, 'data').entries()) {
    const path = `data[${index}]`;
    const id = readId(value, path);
    if (id instanceof WireError) unusable.push(id);
    else environments.push(parseEnvironment(id, { value, path, drift }));
    if (unusable.length > MOST_UNUSABLE) throw unusable[0]!;
  }
  const [first] = unusable;
  if (first !== undefined && environments.length === 0) throw first;
  for (const _ of unusable) drift.value('field');
  return { environments, skipped: unusable.map(({ message }) => message), ...readPageEnd(page, paging) };
}

function readId(value: unknown, path: string): string | WireError {
  try {
    const id = readText(readObject(value, path).id, `${path}.id`);
    return isSafeSegment(id) ? id : new WireError(`${path}.id`, 'an id of letters, digits, _ and -', id);
  } catch (error) {
    if (error instanceof WireError) return error;
    throw error;
  }
}

function parseEnvironment(
  id: string,
  { value, path, drift }: { readonly value: unknown; readonly path: string; readonly drift: Drift },
): ParsedEnvironment {
  const environment = readObject(value, path);
  drift.fields('environment', environment, FIELDS);
  return {
    id,
    name: nameOf(environment.name) || id,
    configType: beginningOf(
      readText(readObject(environment.config, `${path}.config`).type, `${path}.config.type`),
      LONGEST_TYPE,
    ),
    // Only whether there is a date counts, so one in an unknown notation still means archived.
    archived: environment.archived_at !== null && environment.archived_at !== undefined,
    createdAt: instantOf(environment.created_at),
    archivedAt: instantOf(environment.archived_at),
  };
}

/** A key that somebody pasted into the name must not be published. */
function nameOf(name: unknown): string {
  return typeof name !== 'string' || looksLikeKey(name) ? '' : shownText(name);
}

function instantOf(value: unknown): EpochMs | null {
  return typeof value === 'string' ? parseTimestamp(value) : null;
}
