import type { EpochMs } from '../../base/clock.ts';
import type { ApiStamps } from './api-stamps.ts';
import { compareHeartbeat, type HeartbeatAnswer, type HeartbeatRequest } from './heartbeat.ts';
import { Rejection } from './rejection.ts';
import type { Switches } from './switches.ts';
import type { WorkRecord } from './work-record.ts';
import type { WorkTransitions } from './work-transitions.ts';

/** The queue that the item is in. */
export interface HeartbeatDeps {
  readonly transitions: WorkTransitions;
  readonly switches: Switches;
  readonly stamps: ApiStamps;
}

/**
 * Accepts a heartbeat for an item, or rejects it (docs/design/work-api.md#ack-heartbeat-and-stop).
 *
 * @throws Rejection 400, 409 or 412
 */
export function acceptHeartbeat(
  { transitions, switches, stamps }: HeartbeatDeps,
  work: WorkRecord,
  { now, request }: { readonly now: EpochMs; readonly request: HeartbeatRequest },
): HeartbeatAnswer {
  const lastHeartbeatText = () => (work.latestHeartbeatAt === null ? null : stamps.text(work.latestHeartbeatAt));
  const answer = (leaseExtended: boolean, ttlSeconds: number): HeartbeatAnswer => ({
    lastHeartbeat: lastHeartbeatText() ?? '',
    leaseExtended,
    state: work.state,
    ttlSeconds,
  });
  const ttl = transitions.leases.grantedTtl(request.desiredTtlSeconds ?? null);

  if (work.state === 'stopped') return answer(false, ttl);
  // A requested stop must reach the worker, whichever heartbeat it believes to be the last.
  if (work.state === 'stopping') {
    const granted = work.latestHeartbeatAt === null ? switches.stoppingTtlSeconds : ttl;
    transitions.heartbeat(now, work, granted);
    return answer(true, granted);
  }
  if (work.state === 'queued' && switches.beatOnQueued === 'conflict') {
    throw new Rejection(409, `Work item ${work.id} is queued; acknowledge it before the first heartbeat.`);
  }
  compareHeartbeat(work, request, { actual: lastHeartbeatText(), switches });
  if (work.state === 'queued') transitions.acknowledge(now, work);
  transitions.heartbeat(now, work, ttl);
  return answer(true, ttl);
}
