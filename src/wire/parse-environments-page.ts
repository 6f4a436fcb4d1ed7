import type { Drift } from './drift.ts';
import { readNextPage } from './page-cursor.ts';
import { PAGE_FIELDS } from './parse-work-page.ts';
import { isSafeSegment } from './path-segment.ts';
import type { ProviderPreset } from './presets.ts';
import { readArray, readObject, readText } from './read-value.ts';
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

export interface ParsedEnvironment {
  readonly id: string;
  readonly name: string;
  readonly configType: string;
  readonly archived: boolean;
}

/** @throws WireError, also for an id that may not stand in a path */
export function parseEnvironmentsPage(
  body: unknown,
  paging: ProviderPreset['paging'],
  drift: Drift,
): { readonly environments: readonly ParsedEnvironment[]; readonly nextPage: string | null } {
  const page = readObject(body, '');
  drift.fields('page', page, PAGE_FIELDS);
  const environments = readArray(page.data, 'data').map((item, at) => parseEnvironment(item, drift, `data[${at}]`));
  return { environments, nextPage: readNextPage(page, paging) };
}

function parseEnvironment(value: unknown, drift: Drift, path: string): ParsedEnvironment {
  const environment = readObject(value, path);
  drift.fields('environment', environment, FIELDS);
  const id = readText(environment.id, `${path}.id`);
  if (!isSafeSegment(id)) throw new WireError(`${path}.id`, 'an id of letters, digits, _ and -', id);
  return {
    id,
    name: shownName(environment.name) || id,
    configType: readText(readObject(environment.config, `${path}.config`).type, `${path}.config.type`),
    // Only whether, not when: an instant in an unknown notation is still an archived environment.
    archived: environment.archived_at !== null && environment.archived_at !== undefined,
  };
}

/** Names stand in terminals, logs and tables: a line break would end a row, and an escape sequence would be obeyed. */
function shownName(name: unknown): string {
  if (typeof name !== 'string') return '';
  return name
    .toWellFormed()
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim();
}
