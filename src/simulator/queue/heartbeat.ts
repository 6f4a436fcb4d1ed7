import { Rejection } from './rejection.ts';
import type { Switches } from './switches.ts';
import type { RecordState, WorkRecord } from './work-record.ts';

/** What the first heartbeat of a lease expects. */
export const NO_HEARTBEAT = 'NO_HEARTBEAT';

export interface HeartbeatRequest {
  readonly desiredTtlSeconds?: number | null;
  /** `NO_HEARTBEAT`, the text of the last heartbeat, or null when the caller sends none. */
  readonly expected: string | null;
}

export interface HeartbeatAnswer {
  /** The heartbeat as text, which the next one echoes; empty if there has been none. */
  readonly lastHeartbeat: string;
  readonly leaseExtended: boolean;
  readonly state: RecordState;
  readonly ttlSeconds: number;
}

/**
 * Compares the heartbeat that the caller believes to be the last with the actual last one.
 *
 * @param actual the last heartbeat as text, or null when there is none
 * @throws Rejection 412, word for word as recorded (docs/design/work-api.md#ack-heartbeat-and-stop)
 */
export function compareHeartbeat(
  work: WorkRecord,
  { expected }: HeartbeatRequest,
  { actual, switches }: { actual: string | null; switches: Switches },
): void {
  if (expected === null) {
    if (switches.expectedHeartbeatRequired) throw new Rejection(400, 'expected_last_heartbeat: Field required');
    return;
  }
  if (expected === (actual ?? NO_HEARTBEAT)) return;
  throw new Rejection(412, `Heartbeat precondition failed: expected ${expected}, actual was ${actual ?? 'NULL'}`, {
    type: switches.preconditionType,
    details: {
      current_state: {
        state: work.state,
        last_heartbeat: actual,
        lease_updated_at: actual,
        lease_extended: false,
        ttl_seconds: work.lease?.ttlSeconds ?? switches.stoppingTtlSeconds,
      },
      error_visibility: 'user_facing',
      error_code: 'heartbeat_precondition_failed',
    },
  });
}
