import type { Exposition } from '../metrics/exposition.ts';
import type { Poller } from '../poller/poller.ts';
import { Server } from '../server/server.ts';
import type { ProbeRead, ServerDeps } from '../server/server-deps.ts';
import type { EnvironmentState } from '../state/environment-state.ts';
import type { Configuration } from './configuration.ts';
import { wellKnownAddress } from './connections.ts';
import type { Drill } from './drill.ts';
import type { Watching } from './fleet.ts';
import { discoveryProblems, exporterProblems } from './reports.ts';

type Handed = 'clock' | 'logger' | 'version' | 'startedAt' | 'shard' | 'states' | 'diagnosis' | 'lastHour';

export interface AppServerDeps extends Watching, Pick<ServerDeps, Handed> {
  readonly poller: Poller;
  readonly exposition: Exposition;
  readonly configuration: Configuration;
  readonly drill: Drill;
  /** Whether the last write of the state file succeeded; null without one. */
  stateFileOk(): boolean | null;
}

/** The HTTP server over the stages. */
export function createAppServer(deps: AppServerDeps): Server {
  const { connections, discovery, fleet, exposition, configuration, stateFileOk } = deps;
  const server = new Server({
    ...deps,
    settings: () => configuration.loaded.server,
    metrics: exposition,
    probe: (environmentId) => probe(deps, environmentId),
    reload: () => configuration.reload(),
    skewMs: (connection) => connections.correctionMs(connection),
    pausedUntil: (connection) => connections.pausedUntil(connection),
    pendingDiscovery: () => discovery.pending(),
    discoveryProblems: () => discoveryProblems(discovery.outcomes(), fleet.fleet, configuration.loaded.connections),
    apiAddress: (connection) => {
      const all = connections.all().map(({ config }) => config);
      return wellKnownAddress(connection === null ? all : all.filter(({ name }) => name === connection));
    },
    exporterProblems: () =>
      exporterProblems({
        configurationRejected: configuration.isRejected,
        stateFileOk: stateFileOk(),
        environmentsDropped: fleet.fleet.dropped,
      }),
  });
  configuration.afterReload(() => server.applyTlsSettings());
  return server;
}

/** Numbers younger than the interval are current; older ones are read again. */
async function probe({ states, poller, clock }: AppServerDeps, environmentId: string): Promise<ProbeRead> {
  if (isCurrent(states.get(environmentId), clock.now())) return 'ok';
  const result = await poller.readEarly(environmentId);
  if (result === 'over_budget') return 'over_budget';
  return isCurrent(states.get(environmentId), clock.now()) ? 'ok' : 'failed';
}

function isCurrent(state: EnvironmentState | undefined, now: number): boolean {
  if (state === undefined) return false;
  const { failure, lastSuccessAt } = state.operations.stats;
  if (failure !== null || lastSuccessAt === null) return false;
  // In either direction: after the clock was set back, nothing counts as current.
  return Math.abs(now - lastSuccessAt) < state.environment.poll.statsIntervalMs;
}
