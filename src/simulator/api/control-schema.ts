import { z } from 'zod';
import { SESSION_CONDUCTS } from '../queue/work-record.ts';
import { ENDPOINTS } from '../scenarios/fault.ts';

const scope = {
  endpoints: z.array(z.enum(ENDPOINTS)).optional(),
  environments: z.array(z.string()).optional(),
  probability: z.number().min(0).max(1).optional(),
  count: z.number().int().positive().optional(),
};

const fault = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('latency'), seconds: z.number().min(0), ...scope }),
  z.strictObject({ kind: z.literal('hang'), ...scope }),
  z.strictObject({ kind: z.literal('reset'), ...scope }),
  z.strictObject({ kind: z.literal('truncate'), ...scope }),
  z.strictObject({ kind: z.literal('garbage'), status: z.number().int().min(200).max(599).optional(), ...scope }),
  z.strictObject({
    kind: z.literal('status'),
    status: z.number().int().min(400).max(599),
    retryAfterSeconds: z.number().min(0).optional(),
    shouldRetry: z.boolean().optional(),
    errorCode: z.string().optional(),
    ...scope,
  }),
  z.strictObject({ kind: z.literal('revoked'), ...scope }),
  z.strictObject({ kind: z.literal('empty_page'), ...scope }),
  z.strictObject({ kind: z.literal('repeat_cursor'), ...scope }),
  z.strictObject({ kind: z.literal('more_without_cursor'), ...scope }),
  z.strictObject({ kind: z.literal('no_oldest'), ...scope }),
  z.strictObject({ kind: z.literal('cached'), ageSeconds: z.number().min(0), ...scope }),
  z.strictObject({ kind: z.literal('outdated'), seconds: z.number().min(0), ...scope }),
  z.strictObject({
    kind: z.literal('oversized'),
    bytes: z
      .number()
      .int()
      .min(0)
      .max(2 ** 28),
    ...scope,
  }),
  z.strictObject({ kind: z.literal('interim'), ...scope }),
  z.strictObject({ kind: z.literal('date_skew'), seconds: z.number(), ...scope }),
]);

/** The bodies of the control API. */
export const controlSchema = {
  scenario: z.strictObject({ scenario: z.string() }),
  /** Replaces all earlier faults. */
  faults: z.strictObject({ faults: z.array(fault) }),
  /** Seconds to jump ahead, simulated seconds per real second, seconds by which the API's clock is ahead. */
  clock: z.strictObject({
    advance: z.number().min(0).optional(),
    speed: z.number().min(0).max(100_000).optional(),
    skew: z.number().optional(),
  }),
  sessions: z.strictObject({ session_id: z.string(), status: z.enum(['terminated', 'archived']) }),
  items: z.strictObject({
    environment_id: z.string(),
    count: z.number().int().min(1).max(100_000).default(1),
    type: z.enum(['session', 'healthcheck']).default('session'),
    conduct: z.enum(SESSION_CONDUCTS).default('turns'),
    metadata: z.record(z.string(), z.string()).default({}),
    tool_call: z
      .strictObject({ name: z.string(), input: z.record(z.string(), z.unknown()) })
      .nullable()
      .default(null),
  }),
};
