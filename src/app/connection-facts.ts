import type { EpochMs } from '../base/clock.ts';
import type { ConnectionFacts } from '../diagnosis/facts.ts';
import type { DiscoveryOutcome } from '../discovery/discovery.ts';
import type { Stages } from './stages.ts';

/** What one look at each connection in use shows. */
export function observeConnections(
  {
    connections,
    credentials,
    discovery,
    fleet: { fleet },
  }: Pick<Stages, 'connections' | 'credentials' | 'discovery' | 'fleet'>,
  now: EpochMs,
): readonly ConnectionFacts[] {
  const outcomes = new Map<string, DiscoveryOutcome>(discovery.outcomes().map((one) => [one.connection, one]));
  const keysOf = Map.groupBy(fleet.members, ({ environment }) => environment.connection);
  return connections.all().map(({ config: { name, apiKeyExpires }, budget }) => {
    const outcome = outcomes.get(name);
    const expiries = [
      { key: 'api_key', at: apiKeyExpires },
      ...(keysOf.get(name) ?? []).map((member) => ({ key: member.environment.id, at: member.environmentKeyExpires })),
    ];
    return {
      name,
      isDiscovered: outcome === undefined ? null : outcome.failure === null,
      dropped: fleet.droppedOf.get(name) ?? 0,
      refusedKeys: credentials.refusedKeys(name),
      expiries: expiries.flatMap(({ key, at }) => (at === null ? [] : [{ key, seconds: (at - now) / 1000 }])),
      requests: budget.taken,
      limitedRequests: budget.limited,
    };
  });
}
