import { z } from 'zod';
import { plainCursor } from './answer.ts';
import { type ApiCall, environmentOf, queryInteger, queryText } from './api-call.ts';
import { Rejection } from './rejection.ts';
import type { Simulation } from './simulation.ts';
import { environmentJson } from './wire-format.ts';
import type { NewEnvironment } from './world.ts';

const DEFAULT_LIMIT = 20;
const CURSOR_PREFIX = 'page_env_';

/** `GET /v1/environments`: newest first; archived ones only on request. */
export function listEnvironments(simulation: Simulation, call: ApiCall): unknown {
  const { maxEnvironmentsPageSize: largest, overLimit } = simulation.world.switches;
  const asked = queryInteger(call, 'limit', [1, overLimit === 'cap' ? Number.MAX_SAFE_INTEGER : largest]);
  const limit = Math.min(asked ?? DEFAULT_LIMIT, largest);
  const page = plainCursor(queryText(call, 'page'));
  const withArchived = queryText(call, 'include_archived') === 'true';
  const all = simulation.world.environments
    .filter(({ archivedAt }) => withArchived || archivedAt === null)
    .toSorted((a, b) => b.createdAt - a.createdAt);
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

/** `POST /v1/environments`: the current scenario begins in it at once if it is self-hosted. */
export function createEnvironment(simulation: Simulation, call: ApiCall): unknown {
  return environmentJson(simulation.createEnvironment(readEnvironmentBody(call.body)));
}

/** Existing work drains, and nothing new arrives. Archiving again changes nothing. */
export function archiveEnvironment(simulation: Simulation, call: ApiCall): unknown {
  const environment = environmentOf(call);
  if (environment.archivedAt === null) simulation.world.archive(environment);
  return environmentJson(environment);
}

/** Rejected while work waits (docs/design/work-api.md#environment), unless `force=true`. */
export function deleteEnvironment(simulation: Simulation, call: ApiCall): unknown {
  const environment = environmentOf(call);
  const { depth, pending } = environment.queue.counts(call.now);
  if (depth + pending > 0 && queryText(call, 'force') !== 'true') {
    throw new Rejection(
      409,
      'Cannot delete self-hosted environment with work in the queue. Either archive the environment first to allow the queue to drain, or use force=true to delete immediately.',
    );
  }
  simulation.world.remove(environment);
  return { id: environment.id, type: 'environment_deleted' };
}

function afterCursor(all: readonly { readonly id: string }[], page: string): number {
  const id = page.startsWith(CURSOR_PREFIX)
    ? Buffer.from(page.slice(CURSOR_PREFIX.length), 'base64url').toString()
    : null;
  const index = all.findIndex((environment) => environment.id === id);
  if (index === -1) throw new Rejection(400, 'page: Invalid cursor');
  return index + 1;
}

/** A container; settings that the simulator does not simulate are accepted only at their defaults. */
const cloud = z.object({
  type: z.literal('cloud'),
  networking: z.object({ type: z.literal('unrestricted') }).nullish(),
  packages: z.null().optional(),
});
const selfHosted = z.object({ type: z.literal('self_hosted') });

const createBody = z.object({
  name: z.string().min(1),
  description: z.string().nullish(),
  metadata: z.record(z.string(), z.string()).optional(),
  config: z.discriminatedUnion('type', [cloud, selfHosted]).nullish(),
  /** Organizations with API keys have no other scope (the SDK's `EnvironmentCreateParams`). */
  scope: z.literal('organization').nullish(),
});

/** The environment that a body describes; a cloud environment by default. @throws Rejection 400 */
function readEnvironmentBody(body: unknown): NewEnvironment {
  const read = createBody.safeParse(body);
  if (!read.success) {
    const [first] = read.error.issues;
    const path = first?.path.join('.') || 'body';
    const details = path.startsWith('metadata') ? { details: { error_code: 'invalid_metadata' } } : {};
    throw new Rejection(400, `${path}: ${first?.message ?? 'Invalid input'}`, details);
  }
  const { name, description, metadata, config } = read.data;
  return { name, description: description ?? null, metadata: metadata ?? {}, configType: config?.type ?? 'cloud' };
}
