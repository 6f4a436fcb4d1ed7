import { z } from 'zod';
import { CONDITION_NAMES } from '../../src/diagnosis/conditions.ts';
import { FAILURE_REASONS } from '../../src/domain/failure.ts';
import { SESSION_STATUSES, WAIT_REASONS } from '../../src/domain/work.ts';

/** docs/reference.md#json-of-an-environment in zod: nothing more, nothing less. */
const time = z.iso.datetime({ precision: 3 }).nullable();
const seconds = z.union([z.number().nonnegative(), z.literal('+Inf')]);
const count = z.int().nonnegative();
const reason = z.enum(FAILURE_REASONS);

const operation = z.strictObject({
  status: z.enum(['ok', 'failing', 'not_attempted', 'pending']),
  credential: z.enum(['api_key', 'environment_key']).nullable(),
  interval_seconds: seconds,
  last_attempt_at: time,
  last_success_at: time,
  next_attempt_at: time,
  consecutive_failures: count,
  error: z
    .strictObject({
      reason,
      http_status: z.int().nullable(),
      request_id: z.string().nullable(),
      message: z.string().min(1),
      remedy: z.string().min(1),
      since: time,
    })
    .nullable(),
});

const observation = { observed_at: time, age_seconds: seconds, stale: z.boolean() };

const condition = z.strictObject({
  condition: z.enum(CONDITION_NAMES),
  alert: z.string().startsWith('AnthropicWork'),
  severity: z.enum(['critical', 'warning']),
  state: z.enum(['firing', 'ending', 'pending', 'explained']),
  connection: z.string().nullable(),
  environments: z.array(z.string()),
  since: time,
  fires_at: time,
  evidence: z.string(),
  summary: z.string().min(1),
  remedy: z.string().min(1),
  explained_by: z.enum(CONDITION_NAMES).nullable(),
});

export const environmentShape = {
  id: z.string(),
  name: z.string(),
  connection: z.string(),
  source: z.enum(['config', 'discovery']),
  labels: z.record(z.string(), z.string()),
  status: z.enum(['ok', 'degraded', 'blind', 'misconfigured', 'starting']),
  queue: z
    .strictObject({
      ...observation,
      depth: count,
      pending: count,
      oldest_queued_at: time,
      oldest_age_seconds: seconds.nullable(),
      workers_polling: count.nullable(),
    })
    .nullable(),
  items: z
    .strictObject({
      ...observation,
      truncated: z.boolean(),
      mode: z.enum(['whole', 'newest', 'oldest']),
      last_full_read_at: time,
      by_state: z.strictObject({ queued: count, starting: count, active: count, stopping: count, other: count }),
      stale_heartbeats: count,
      live: count,
    })
    .nullable(),
  operations: z.strictObject({ stats: operation, list: operation }),
  dashboard_url: z.url().nullable(),
  conditions: z.array(condition),
};

const poll = z.strictObject({
  at: time,
  operation: z.enum(['stats', 'list']),
  ok: z.boolean(),
  reason: reason.nullable(),
  http_status: z.int().nullable(),
  request_id: z.string().nullable(),
  duration_seconds: seconds,
  requests: count,
});

export const environmentSchema = z.strictObject(environmentShape);

export const environmentDetailSchema = z.strictObject({
  ...environmentShape,
  sessions: z
    .strictObject({
      status: z.enum(['ok', 'failing', 'not_attempted', 'off', 'pending']),
      long_runs: count,
      last_read_at: time,
      error: z
        .strictObject({ reason, http_status: z.int().nullable(), request_id: z.string().nullable(), since: time })
        .nullable(),
    })
    .nullable(),
  recent_polls: z.array(poll).max(20),
  recent_failures: z.array(poll).max(20),
  worst_items: z
    .array(
      z.strictObject({
        id: z.string().nullable(),
        state: z.enum(['queued', 'starting', 'active', 'stopping', 'other']),
        work_type: z.enum(['session', 'healthcheck', 'other']),
        since: time,
        age_seconds: seconds.nullable(),
        heartbeat_age_seconds: seconds.nullable(),
        stale: z.boolean(),
        deliveries: count,
        session_status: z.enum(SESSION_STATUSES).nullable(),
        session_wait_reason: z.enum(WAIT_REASONS).nullable(),
        session_since: time,
      }),
    )
    .max(20),
});

export const environmentsSchema = z.strictObject({
  schema: z.literal(1),
  generated_at: time,
  shard: z.string().regex(/^\d+\/\d+$/),
  evaluated_at: time,
  conditions: z.array(condition),
  environments: z.array(environmentSchema),
});

export const errorSchema = z.strictObject({
  error: z.strictObject({ code: z.string().min(1), message: z.string().min(1), remedy: z.string().min(1).nullable() }),
});
