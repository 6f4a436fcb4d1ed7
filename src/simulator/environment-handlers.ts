import { plainCursor } from './answer.ts';
import { type ApiCall, environmentOf, queryInteger, queryText } from './api-call.ts';
import { Refusal } from './refusal.ts';
import type { Simulation } from './simulation.ts';
import { environmentJson } from './wire-format.ts';

const DEFAULT_LIMIT = 20;
const MAX_LIMIT = 1000;
const CURSOR_PREFIX = 'page_env_';

/** `GET /v1/environments`: newest first, archived ones only when asked for. */
export function listEnvironments(simulation: Simulation, call: ApiCall): unknown {
  const limit = queryInteger(call, 'limit', [1, MAX_LIMIT]) ?? DEFAULT_LIMIT;
  const page = plainCursor(queryText(call, 'page'));
  const withArchived = queryText(call, 'include_archived') === 'true';
  const all = simulation.world.environments.filter(({ archivedAt }) => withArchived || archivedAt === null);
  const start = page === null ? 0 : afterCursor(all, page);
  const shown = all.slice(start, start + limit);
  const more = start + limit < all.length;
  return {
    data: shown.map(environmentJson),
    next_page: more ? CURSOR_PREFIX + Buffer.from(shown.at(-1)!.id).toString('base64url') : null,
  };
}

export function retrieveEnvironment(call: ApiCall): unknown {
  return environmentJson(environmentOf(call));
}

function afterCursor(all: readonly { readonly id: string }[], page: string): number {
  const id = page.startsWith(CURSOR_PREFIX)
    ? Buffer.from(page.slice(CURSOR_PREFIX.length), 'base64url').toString()
    : null;
  const index = all.findIndex((environment) => environment.id === id);
  if (index === -1) throw new Refusal(400, 'page: Invalid cursor');
  return index + 1;
}
