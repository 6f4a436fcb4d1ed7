import { z } from 'zod';
import { SESSION_CONDUCTS } from '../queue/work-record.ts';
import { ENDPOINTS } from '../scenarios/fault.ts';

/** No time, and no wait, is further away than three decades: beyond them there are no dates, and nothing would be answered. */
const MOST_SECONDS = 1e9;
/** What happens meanwhile is played, event by event: a year takes minutes, and an endless time would never end. */
const MOST_SECONDS_AHEAD = 366 * 86_400;
const seconds = z.number().min(0).max(MOST_SECONDS);
const anySeconds = z.number().min(-MOST_SECONDS).max(MOST_SECONDS);

const scope = {
  endpoints: z.array(z.enum(ENDPOINTS)).optional(),
  environments: z.array(z.string()).optional(),
  keys: z.array(z.enum(['api_key', 'environment_key'])).optional(),
  probability: z.number().min(0).max(1).optional(),
  count: z.number().int().positive().optional(),
};

const fault = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('latency'), seconds, ...scope }),
  z.strictObject({ kind: z.literal('hang'), ...scope }),
  z.strictObject({ kind: z.literal('reset'), ...scope }),
  z.strictObject({ kind: z.literal('truncate'), ...scope }),
  z.strictObject({ kind: z.literal('garbage'), status: z.number().int().min(200).max(599).optional(), ...scope }),
  z.strictObject({
    kind: z.literal('status'),
    status: z.number().int().min(400).max(599),
    retryAfterSeconds: seconds.optional(),
    shouldRetry: z.boolean().optional(),
    errorCode: z.string().optional(),
    ...scope,
  }),
  z.strictObject({ kind: z.literal('revoked'), ...scope }),
  z.strictObject({ kind: z.literal('empty_page'), ...scope }),
  z.strictObject({ kind: z.literal('repeat_cursor'), ...scope }),
  z.strictObject({ kind: z.literal('more_without_cursor'), ...scope }),
  z.strictObject({ kind: z.literal('no_oldest'), ...scope }),
  z.strictObject({ kind: z.literal('cached'), ageSeconds: seconds, ...scope }),
  z.strictObject({ kind: z.literal('outdated'), seconds, ...scope }),
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
  z.strictObject({ kind: z.literal('date_skew'), seconds: anySeconds, ...scope }),
]);

/** The bodies of the control API. */
export const controlSchema = {
  scenario: z.strictObject({ scenario: z.string() }),
  /** Replaces all earlier faults. */
  faults: z.strictObject({ faults: z.array(fault) }),
  /** Seconds to jump ahead, simulated seconds per real second, seconds by which the API's clock is ahead. */
  clock: z.strictObject({
    advance: z.number().min(0).max(MOST_SECONDS_AHEAD).optional(),
    speed: z.number().min(0).max(100_000).optional(),
    skew: anySeconds.optional(),
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
