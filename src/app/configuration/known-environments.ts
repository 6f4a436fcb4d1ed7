import { setImmediate as nextTurn } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { Config, EnvironmentConfig } from '../../config/config.ts';

/** After so many comparisons everything else has its turn. */
const SLICE = 250;

/**
 * A new configuration in which environments that are as before are the same objects: the stages that follow it take what is
 * the same object for unchanged, and need not compare ten thousand of them at once.
 */
export async function withKnownEnvironments(next: Config, known: Config): Promise<Config> {
  const before = new Map(known.environments.map(({ environment }) => [environment.id, environment]));
  const environments: EnvironmentConfig[] = [];
  for (const member of next.environments) {
    const same = before.get(member.environment.id);
    environments.push(isDeepStrictEqual(same, member.environment) ? { ...member, environment: same! } : member);
    if (environments.length % SLICE === 0) await nextTurn();
  }
  return { ...next, environments };
}
