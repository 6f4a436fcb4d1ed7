import { z } from 'zod';
import { Rejection } from '../queue/rejection.ts';
import type { NewEnvironment } from '../queue/sim-environment.ts';

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
export function readEnvironmentBody(body: unknown): Omit<NewEnvironment, 'id'> {
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
