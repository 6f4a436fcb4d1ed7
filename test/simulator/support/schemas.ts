import { z } from 'zod';

/**
 * What the API answers, written from the reference (docs/design/work-api.md#objects): nothing more, nothing less. Keys
 * that only some services have are optional.
 */
const time = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/);
const moment = time.nullable();
const count = z.int().nonnegative();
const state = z.enum(['queued', 'starting', 'active', 'stopping', 'stopped']);
const strings = z.record(z.string(), z.string());
const cursor = z.string().min(1).nullable();

const secret = z
  .string()
  .regex(/^[A-Za-z0-9_-]+$/)
  .nullable();

export const workSchema = z
  .strictObject({
    id: z.string().regex(/^(sesn|sess|work)_\w+$/),
    type: z.literal('work'),
    environment_id: z.string().regex(/^env_\w+$/),
    data: z.discriminatedUnion('type', [
      z.strictObject({ type: z.literal('session'), id: z.string() }),
      z.strictObject({ type: z.literal('healthcheck'), id: z.string().optional() }),
    ]),
    state,
    metadata: strings,
    secret: z.null().optional(),
    actor: z.null().optional(),
    created_at: time,
    acknowledged_at: moment,
    started_at: moment,
    latest_heartbeat_at: moment,
    stop_requested_at: moment,
    stopped_at: moment,
  })
  .refine((work) => work.state !== 'stopped' || work.stopped_at !== null, 'stopped without a stamp')
  .refine((work) => work.state !== 'active' || work.latest_heartbeat_at !== null, 'active without a heartbeat')
  .refine((work) => work.state !== 'stopping' || work.stop_requested_at !== null, 'stopping without a request');

/** Only a poll carries a secret, and polling changes no state. */
export const polledSchema = z
  .strictObject({ ...workSchema.shape, secret: secret.optional(), state: z.literal('queued') })
  .nullable();

export const statsSchema = z.strictObject({
  type: z.literal('work_queue_stats'),
  depth: count,
  pending: count,
  oldest_queued_at: moment,
  workers_polling: count.nullable(),
});

export const heartbeatSchema = z.strictObject({
  type: z.literal('work_heartbeat'),
  last_heartbeat: z.union([time, z.literal('')]),
  lease_extended: z.boolean(),
  state,
  ttl_seconds: z.int().positive(),
});

const page = <T extends z.ZodType>(item: T) =>
  z.strictObject({
    data: z.array(item),
    next_page: cursor.optional(),
    has_more: z.boolean().optional(),
    first_id: z.string().nullable().optional(),
    last_id: z.string().nullable().optional(),
  });

export const listSchema = page(workSchema);

export const environmentSchema = z.strictObject({
  id: z.string().regex(/^env_\w+$/),
  type: z.literal('environment'),
  name: z.string(),
  description: z.string().nullable(),
  config: z.union([
    z.strictObject({ type: z.literal('self_hosted') }),
    z.strictObject({
      type: z.literal('cloud'),
      networking: z.looseObject({ type: z.enum(['unrestricted', 'limited']) }),
      packages: z.looseObject({ type: z.literal('packages').optional() }),
    }),
  ]),
  metadata: strings,
  created_at: time,
  updated_at: time,
  archived_at: moment,
  scope: z.enum(['organization', 'account']).optional(),
});

export const environmentsSchema = page(environmentSchema);

export const errorSchema = z.strictObject({
  type: z.literal('error'),
  error: z.strictObject({
    type: z.string().regex(/^[a-z]+(_[a-z]+)*$/),
    message: z.string().min(1),
    details: z.record(z.string(), z.unknown()).optional(),
  }),
  request_id: z
    .string()
    .regex(/^req_\w+$/)
    .nullable(),
});

/** Word for word what was recorded: docs/design/work-api.md#ack-heartbeat-and-stop. */
export const preconditionSchema = z.strictObject({
  ...errorSchema.shape,
  error: z.strictObject({
    type: z.enum(['invalid_request_error', 'precondition_failed_error']),
    message: z.string().regex(/^Heartbeat precondition failed: expected \S+, actual was (NULL|\d{4}-\S+Z)$/),
    details: z.strictObject({
      current_state: z.strictObject({
        state,
        last_heartbeat: moment,
        lease_updated_at: moment,
        lease_extended: z.literal(false),
        ttl_seconds: z.int().positive(),
      }),
      error_visibility: z.literal('user_facing'),
      error_code: z.literal('heartbeat_precondition_failed'),
    }),
  }),
});

export type WorkJson = z.infer<typeof workSchema>;
