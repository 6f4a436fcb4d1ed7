import type { EpochMs } from '../../base/clock.ts';
import { randomStream } from './identity.ts';
import type { Switches } from './switches.ts';
import { WorkQueue } from './work-queue.ts';

const DAY_MS = 86_400_000;

/** An environment of the simulated organization. Times ending in `At` are the API's stamps. */
export interface SimEnvironment {
  readonly id: string;
  readonly name: string;
  readonly description: string | null;
  readonly metadata: Readonly<Record<string, string>>;
  readonly configType: 'self_hosted' | 'cloud';
  readonly createdAt: EpochMs;
  readonly updatedAt: EpochMs;
  readonly archivedAt: EpochMs | null;
  readonly queue: WorkQueue;
}

/** An environment that exists from the start. */
export type EnvironmentSpec = Pick<SimEnvironment, 'id' | 'name' | 'configType'> & { readonly archived: boolean };

/** An environment that is created later. */
export type NewEnvironment = Pick<SimEnvironment, 'id' | 'name' | 'description' | 'metadata' | 'configType'>;

export interface EnvironmentMaker {
  readonly seed: number;
  readonly switches: Switches;
}

export function newEnvironment(
  { seed, switches }: EnvironmentMaker,
  environment: NewEnvironment,
  createdAt: EpochMs,
): SimEnvironment {
  const queue = new WorkQueue({ switches, random: randomStream(seed, `queue ${environment.id}`) });
  return { ...environment, createdAt, updatedAt: createdAt, archivedAt: null, queue };
}

/** An environment from before the start; an archived one has a little history. */
export function initialEnvironment(
  maker: EnvironmentMaker,
  { id, name, configType, archived }: EnvironmentSpec,
  stamps: { readonly createdAt: EpochMs; readonly archivedAt: EpochMs },
): SimEnvironment {
  const founded = newEnvironment(maker, { id, name, configType, description: null, metadata: {} }, stamps.createdAt);
  if (!archived) return founded;
  const { archivedAt } = stamps;
  if (configType === 'self_hosted') founded.queue.addHistory(3, archivedAt, DAY_MS);
  return { ...founded, archivedAt, updatedAt: archivedAt };
}

/** Self-hosted and not archived: an environment that gets new work. */
export function isLive({ configType, archivedAt }: SimEnvironment): boolean {
  return configType === 'self_hosted' && archivedAt === null;
}
