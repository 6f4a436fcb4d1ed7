import type { Clock } from '../base/clock.ts';
import type { DiagnosisReport } from '../diagnosis/report.ts';
import type { ServerSettings } from '../domain/server-settings.ts';
import type { Format } from '../metrics/format.ts';
import { Server } from '../server/server.ts';
import type { LastHour, ProbePort } from '../server/server-deps.ts';
import type { EnvironmentState } from '../state/environment-state.ts';
import type { Configuration } from './configuration.ts';
import { wellKnownAddress } from './connections.ts';
import type { Drill } from './drill.ts';
import { discoveryProblems, exporterProblems } from './reports.ts';
import type { AppDeps, Stages } from './stages.ts';

export interface AppServerDeps extends Pick<AppDeps, 'clock' | 'logger' | 'build'> {
  readonly stages: Stages;
  readonly configuration: Configuration;
  readonly drill: Drill;
  /** What is wrong now, a drill included. */
  diagnosis(): DiagnosisReport;
  lastHour(environmentId: string): LastHour | undefined;
  readonly startedAt: number;
  /** `I/N`. */
  readonly shard: string;
  /** Whether the last write of the state file succeeded; null without one. */
  stateFileOk(): boolean | null;
}

/** The HTTP server over the stages. */
export function createAppServer({ stages, configuration, build, stateFileOk, ...deps }: AppServerDeps): Server {
  const server = new Server({
    ...deps,
    config: settingsInForce(configuration),
    states: stages.states,
    version: build.version,
    metrics: stages.exposition,
    probe: createProbe(stages, deps.clock),
    reload: () => configuration.reload(),
    skewMs: (connection) => stages.connections.correctionMs(connection),
    pendingDiscovery: () => stages.discovery.pending(),
    discoveryProblems: () =>
      discoveryProblems(stages.discovery.outcomes(), stages.fleet.fleet, configuration.loaded.connections),
    apiAddress: (connection) => {
      const all = stages.connections.all().map(({ config }) => config);
      return wellKnownAddress(connection === null ? all : all.filter(({ name }) => name === connection));
    },
    exporterProblems: () =>
      exporterProblems({
        configurationRejected: configuration.isRejected,
        stateFileOk: stateFileOk(),
        environmentsDropped: stages.fleet.fleet.dropped,
      }),
  });
  configuration.afterReload(() => server.applyTlsSettings());
  return server;
}

/** Settings that follow each reload, but for the address: the server has been listening there since the start. */
function settingsInForce(configuration: Configuration): ServerSettings {
  const settings = () => configuration.loaded.server;
  const { host, port } = settings();
  return {
    host,
    port,
    get hosts() {
      return settings().hosts;
    },
    get web() {
      return settings().web;
    },
    get lifecycle() {
      return settings().lifecycle;
    },
    get dashboardBaseUrl() {
      return settings().dashboardBaseUrl;
    },
    get itemIds() {
      return settings().itemIds;
    },
  };
}

/** `/probe` over the stages: numbers younger than the interval are current; older ones are read again. */
function createProbe({ states, poller, exposition }: Stages, clock: Clock): ProbePort<Format> {
  return {
    async read(environmentId) {
      if (isCurrent(states.get(environmentId), clock.now())) return 'ok';
      const result = await poller.readEarly(environmentId);
      if (result === 'over_budget') return 'over_budget';
      return isCurrent(states.get(environmentId), clock.now()) ? 'ok' : 'failed';
    },

    render: (environmentId, result, format) => exposition.renderProbe(environmentId, result, format),
  };
}

function isCurrent(state: EnvironmentState | undefined, now: number): boolean {
  if (state === undefined) return false;
  const { failure, lastSuccessAt } = state.operations.stats;
  if (failure !== null || lastSuccessAt === null) return false;
  // In either direction: after the clock was set back, nothing counts as current.
  return Math.abs(now - lastSuccessAt) < state.environment.poll.statsIntervalMs;
}
