import { sessionsTokenFor } from '../queue/identity.ts';
import { Rejection } from '../queue/rejection.ts';
import type { SimEnvironment } from '../queue/sim-environment.ts';
import type { WorkRecord } from '../queue/work-record.ts';
import type { Simulation } from '../world/simulation.ts';
import { type ApiCall, header, param, queryInteger, queryText, workEnvironmentOf } from './api-call.ts';
import { waitForWork } from './long-poll.ts';
import { heartbeatJson, statsJson, workJson } from './wire-format.ts';

/** The API caps `block_ms` here and rejects 0 (docs/design/work-api.md#query-parameters-and-limits). */
const BLOCK_MS = [1, 999] as const;
const LARGEST = Number.MAX_SAFE_INTEGER;

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
  const secret = simulation.switches.issueSecret ? secretFor(simulation, environment, work) : null;
  return workJson(work, environment, environment.queue.stamp(simulation.world.now), secret);
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
  const work = queue.stop(call.now, id, force === true);
  return queue.switches.stopStatus === 204 ? undefined : show(call, work);
}

/** A sessions token may access only its own item. */
function checkOwnItem(call: ApiCall, work: WorkRecord): void {
  if (call.caller.kind !== 'sessions_token' || call.caller.sessionId === work.sessionId) return;
  throw new Rejection(403, 'Token not authorized for this work item');
}

function show(call: ApiCall, work: WorkRecord): unknown {
  const environment = workEnvironmentOf(call);
  return workJson(work, environment, environment.queue.stamp(call.now));
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
