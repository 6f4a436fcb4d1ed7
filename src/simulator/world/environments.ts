import type { EnvironmentSpec } from '../queue/sim-environment.ts';

/** How many self-hosted environments, or which. */
export type EnvironmentChoice = number | readonly { readonly id: string; readonly name: string }[];

const NAMES = ['prod', 'staging', 'batch'] as const;

/** What else an organization has besides the watched environments: a monitor must leave these alone. */
const OTHERS: readonly EnvironmentSpec[] = [
  { id: 'env_sim_cloud', name: 'cloud', configType: 'cloud', archived: false },
  { id: 'env_sim_archived', name: 'retired', configType: 'self_hosted', archived: true },
  { id: 'env_sim_cloud_archived', name: 'cloud-retired', configType: 'cloud', archived: true },
];

/** The environments of the simulated organization. The first three are prod, staging and batch. */
export function defaultEnvironments(choice: EnvironmentChoice): readonly EnvironmentSpec[] {
  const chosen = typeof choice === 'number' ? Array.from({ length: choice }, (_, number) => named(number)) : choice;
  const watched = chosen.map(({ id, name }) => ({ id, name, configType: 'self_hosted' as const, archived: false }));
  return [...watched, ...OTHERS];
}

function named(number: number): { id: string; name: string } {
  const base = NAMES[number % NAMES.length]!;
  const round = Math.floor(number / NAMES.length);
  const name = round === 0 ? base : `${base}-${round + 1}`;
  return { id: `env_sim_${name.replaceAll('-', '_')}`, name };
}
