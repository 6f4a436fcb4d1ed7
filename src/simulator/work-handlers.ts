import { sleep } from '../base/clock.ts';
import { plainCursor } from './answer.ts';
import { type ApiCall, header, param, queryInteger, queryText, workEnvironmentOf } from './api-call.ts';
import { sessionsTokenFor } from './identity.ts';
import { archivedRejection, Rejection } from './rejection.ts';
import type { Simulation } from './simulation.ts';
import { heartbeatJson, pageJson, statsJson, workJson } from './wire-format.ts';
import type { WorkRecord } from './work.ts';
import { encodeCursor, type ListPageRequest } from './work-list.ts';
import type { PollRequest, WorkQueue } from './work-queue.ts';
import type { SimEnvironment } from './world.ts';

/** The API caps `block_ms` here and rejects 0 (docs/design/work-api.md#query-parameters-and-limits). */
const BLOCK_MS = [1, 999] as const;
const LARGEST = Number.MAX_SAFE_INTEGER;
const DEFAULT_LIMIT = 20;

export function workStats(call: ApiCall): unknown {
  return statsJson(workEnvironmentOf(call), call.now);
}

export function retrieveWork(call: ApiCall): unknown {
  const { queue } = workEnvironmentOf(call);
  return show(call, queue.find(param(call, 'work')));
}

/** `metadata` is merged: a string sets a key, null removes it. */
export function updateWork(call: ApiCall): unknown {
  const { queue } = workEnvironmentOf(call);
  const metadata = isObject(call.body) ? call.body.metadata : undefined;
  const isPatch = isObject(metadata) && Object.values(metadata).every((v) => v === null || typeof v === 'string');
  if (!isPatch) {
    throw new Rejection(400, 'metadata: Input should be a map of strings or nulls', {
      details: { error_code: 'invalid_metadata' },
    });
  }
  return show(call, queue.update(call.now, param(call, 'work'), metadata as Record<string, string | null>));
}

/** Hands out an item, or null when none arrives within `block_ms`. */
export async function pollWork(simulation: Simulation, call: ApiCall): Promise<unknown> {
  const environment = workEnvironmentOf(call);
  if (environment.configType === 'cloud') {
    throw new Rejection(
      400,
      `Only BYOC and bridge environments support work polling. Environment ${environment.id} is anthropic_cloud.`,
    );
  }
  const blockMs = queryInteger(call, 'block_ms', BLOCK_MS);
  const reclaim = queryInteger(call, 'reclaim_older_than_ms', [1, LARGEST]);
  const request = {
    workerId: header(call, simulation.preset.workerIdHeader),
    ...(reclaim === null ? {} : { reclaimOlderThanMs: reclaim }),
  };
  const work = await waitForWork(simulation, environment, {
    request,
    blockMs: blockMs ?? 0,
    gone: call.gone,
  });
  if (work === null) return null;
  const secret = simulation.world.switches.issueSecret ? secretFor(simulation, environment, work) : null;
  return workJson(work, environment, environment.queue.stamps.at(simulation.world.now), secret);
}

/** @throws Rejection 409 for an item that is not queued, unless `repeatedAck` answers with it */
export function ackWork(call: ApiCall): unknown {
  return show(call, workEnvironmentOf(call).queue.ack(call.now, param(call, 'work')));
}

export function heartbeatWork(call: ApiCall): unknown {
  const { queue } = workEnvironmentOf(call);
  const id = param(call, 'work');
  checkOwnItem(call, queue.find(id));
  const answer = queue.heartbeat(call.now, id, {
    desiredTtlSeconds: queryInteger(call, 'desired_ttl_seconds', [1, LARGEST]),
    expected: queryText(call, 'expected_last_heartbeat'),
  });
  return heartbeatJson(answer);
}

/** `force` ends the item at once, without its worker. @throws Rejection 400 if it is no boolean */
export function stopWork(call: ApiCall): unknown {
  const { queue } = workEnvironmentOf(call);
  const id = param(call, 'work');
  checkOwnItem(call, queue.find(id));
  const force = isObject(call.body) ? call.body.force : undefined;
  if (force !== undefined && force !== null && typeof force !== 'boolean') {
    throw new Rejection(400, 'force: Input should be a valid boolean');
  }
  return show(call, queue.stop(call.now, id, force === true));
}

/** A sessions token may access only its own item. */
function checkOwnItem(call: ApiCall, work: WorkRecord): void {
  if (call.caller.kind !== 'sessions_token' || call.caller.sessionId === work.sessionId) return;
  throw new Rejection(403, 'Token not authorized for this work item');
}

function show(call: ApiCall, work: WorkRecord): unknown {
  const environment = workEnvironmentOf(call);
  return workJson(work, environment, environment.queue.stamps.at(call.now));
}

/**
 * The payload from which the official worker takes its token: docs/design/work-api.md#what-the-official-worker-calls.
 */
function secretFor(simulation: Simulation, environment: SimEnvironment, work: WorkRecord): string {
  const token = sessionsTokenFor(simulation.seed, `${environment.id} ${work.sessionId}`);
  simulation.access.issue(token, work.sessionId);
  return Buffer.from(JSON.stringify({ sessions_token: token, api_base_url: simulation.url })).toString('base64url');
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `GET …/work`: one page of the items of an environment, stopped ones included. */
export function listWork(call: ApiCall): unknown {
  const environment = workEnvironmentOf(call);
  const { queue, id } = environment;
  if (environment.configType === 'cloud') {
    if (environment.archivedAt !== null) throw archivedRejection(id);
    throw new Rejection(
      404,
      `Environment \`${id}\` not found, or does not support work listing. The work API is only available for self-hosted environments.`,
    );
  }
  const { maxPageSize, overLimit, paging } = queue.switches;
  const asked = queryInteger(call, 'limit', [1, overLimit === 'cap' ? LARGEST : maxPageSize]) ?? DEFAULT_LIMIT;
  const page = paging === 'cursor' ? { page: plainCursor(queryText(call, 'page')) } : whereById(call, queue);
  const shown = queue.list(call.now, { limit: Math.min(asked, maxPageSize), ...page });
  const stamp = queue.stamps.at(call.now);
  return pageJson(
    shown.items.map((work) => workJson(work, environment, stamp)),
    shown,
    queue,
  );
}

/** Where a page begins, on services that accept ids of items as well as cursors. @throws Rejection 400 or 404 */
function whereById(call: ApiCall, queue: WorkQueue): Pick<ListPageRequest, 'page' | 'before'> {
  const [afterId, beforeId] = [queryText(call, 'after_id'), queryText(call, 'before_id')];
  if (afterId !== null && beforeId !== null) throw new Rejection(400, 'after_id, before_id: Only one is allowed');
  if (beforeId !== null) return { page: null, before: queue.find(beforeId) };
  if (afterId !== null) return { page: encodeCursor(queue.find(afterId).seq, queue.switches.listOrder) };
  return { page: plainCursor(queryText(call, 'page')) };
}

/** How often a waiting poll checks for work that another request added, in real milliseconds. */
const LOOK_EVERY_MS = 50;

interface LongPoll {
  readonly request: PollRequest;
  /** Real milliseconds to wait for work; 0 answers at once. */
  readonly blockMs: number;
  /** True once the client has gone: it must not be handed an item. */
  readonly gone: () => boolean;
}

/** Polls until there is work, `blockMs` are over or the client is gone. */
async function waitForWork(
  simulation: Simulation,
  { queue }: SimEnvironment,
  { request, blockMs, gone }: LongPoll,
): Promise<WorkRecord | null> {
  const deadline = simulation.real.monotonic() + blockMs;
  for (;;) {
    if (gone()) return null;
    const work = queue.poll(simulation.catchUp(), request);
    const left = deadline - simulation.real.monotonic();
    if (work !== null || left <= 0) return work;
    await sleep(simulation.real, Math.min(left, LOOK_EVERY_MS));
  }
}
