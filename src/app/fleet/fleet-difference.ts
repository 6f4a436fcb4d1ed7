import { isDeepStrictEqual } from 'node:util';
import type { Config } from '../../config/config.ts';
import type { FleetMember } from '../../discovery/fleet.ts';

/** Ids of environments, by what happened to them between two fleets. */
export interface FleetDifference {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly string[];
  readonly unchanged: number;
  /** Environments whose key is another one now, and those that have none any more. */
  readonly newKeys: readonly string[];
  readonly lostKeys: readonly string[];
}

/** Of so many environments nothing has changed. */
export function sameFleet(unchanged: number): FleetDifference {
  return { added: [], removed: [], changed: [], unchanged, newKeys: [], lostKeys: [] };
}

export function differenceOf(before: readonly FleetMember[], after: readonly FleetMember[]): FleetDifference {
  const old = new Map(before.map((member) => [member.environment.id, member]));
  const now = new Set(after.map(({ environment }) => environment.id));
  const added: string[] = [];
  const changed: string[] = [];
  const newKeys: string[] = [];
  const lostKeys: string[] = [];
  for (const member of after) {
    const { id } = member.environment;
    const known = old.get(id);
    if (known === undefined) {
      added.push(id);
      continue;
    }
    const sameKey = sameSecret(known, member);
    if (!sameKey) (member.environmentKey === null ? lostKeys : newKeys).push(id);
    const same = known.environment === member.environment || isDeepStrictEqual(known.environment, member.environment);
    if (!sameKey || !same) changed.push(id);
  }
  const removed = [...old.keys()].filter((id) => !now.has(id));
  return { added, removed, changed, unchanged: after.length - added.length - changed.length, newKeys, lostKeys };
}

/** Names of connections whose API key is another one now. */
export function newApiKeys(before: Pick<Config, 'connections'>, after: Pick<Config, 'connections'>): string[] {
  const old = new Map(before.connections.map(({ name, apiKey }) => [name, apiKey]));
  return after.connections
    .filter(({ name, apiKey }) => apiKey !== null && old.has(name) && !apiKey.equals(old.get(name) ?? null))
    .map(({ name }) => name);
}

/** A deep comparison does not see the value of secrets, so they are compared separately. */
function sameSecret({ environmentKey: one }: FleetMember, { environmentKey: other }: FleetMember): boolean {
  return one === null ? other === null : one.equals(other);
}
