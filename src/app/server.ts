import type { DiagnosisReport } from '../diagnosis/report.ts';
import type { ServerSettings } from '../domain/server-settings.ts';
import { createServer, type Server } from '../server/server.ts';
import type { LastHour } from '../server/server-deps.ts';
import type { AppDeps } from './app-deps.ts';
import type { Configuration } from './configuration.ts';
import { wellKnownAddress } from './connections/connections.ts';
import type { Drill } from './drill.ts';
import { createProbe } from './probe.ts';
import { discoveryProblems, exporterProblems } from './reports.ts';
import type { Stages } from './stages.ts';

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
  const server = createServer({
    ...deps,
    config: settingsInForce(configuration),
    states: stages.states,
    version: build.version,
    metrics: stages.exposition,
    probe: createProbe({ ...stages, clock: deps.clock }),
    reload: () => configuration.reload(),
    skewMs: (connection) => stages.connections.correctionMs(connection),
    pendingDiscovery: () => stages.discovery.pending(),
    discoveryProblems: () =>
      discoveryProblems(stages.discovery.outcomes(), stages.fleet.fleet, configuration.loaded.connections),
    connections: () =>
      stages.connections.all().map(({ config: { name }, budget }) => ({
        name,
        requestsPerMinute: budget.perMinute,
        allowedPerMinute: budget.allowedPerMinute,
        sentLastMinute: budget.takenLastMinute,
        skewMs: stages.connections.correctionMs(name),
      })),
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
