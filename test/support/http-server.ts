import { NO_REPORT } from '../../src/diagnosis/report.ts';
import { NO_WEB_SECURITY, type ServerSettings } from '../../src/domain/server-settings.ts';
import { Server } from '../../src/server/server.ts';
import type { ServerDeps } from '../../src/server/server-deps.ts';
import type { EnvironmentState } from '../../src/state/environment-state.ts';
import { ManualClock } from './manual-clock.ts';
import { silentLogger } from './silent.ts';
import { fixedStates, NOW } from './states.ts';

export const TEXT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** Everything a server needs, with a clock at `NOW` and a free port. */
export function serverDeps(
  states: readonly EnvironmentState[],
  { settings, ...change }: Partial<Omit<ServerDeps, 'settings'>> & { settings?: Partial<ServerSettings> } = {},
): ServerDeps {
  return {
    states: fixedStates(states),
    clock: new ManualClock(NOW),
    logger: silentLogger,
    startedAt: NOW - 1000,
    shard: '0/1',
    version: '1.2.3',
    metrics: {
      negotiate: (accept) => (accept?.includes('openmetrics') === true ? 'openmetrics' : 'prometheus'),
      contentType: (format) => (format === 'prometheus' ? TEXT_TYPE : 'application/openmetrics-text; version=1.0.0'),
      render: async (format) => [Buffer.from('# HELP a_metric A.\n'), Buffer.from(`a_metric{format="${format}"} 1\n`)],
      renderProbe: (id, { success }) => [
        Buffer.from(`a_metric{environment_id="${id}"} 1\nprobe_success ${Number(success)}\n`),
      ],
    },
    probe: async () => 'ok',
    reload: async () => ({ ok: true, added: [], removed: [], changed: [], unchanged: states.length, atNextStart: [] }),
    drill: { info: null, start: () => null, end: () => false },
    skewMs: () => 0,
    pausedUntil: () => null,
    lastHour: () => undefined,
    pendingDiscovery: () => [],
    discoveryProblems: () => [],
    apiAddress: () => null,
    exporterProblems: () => [],
    diagnosis: () => ({ ...NO_REPORT, at: NOW }),
    ...change,
    settings: () => ({
      host: '127.0.0.1',
      port: 0,
      hosts: [],
      web: NO_WEB_SECURITY,
      lifecycle: 'loopback',
      dashboardBaseUrl: null,
      itemIds: true,
      ...settings,
    }),
  };
}

/** A listening server that closes at the end of the block: `await using`. */
export async function startServer(deps: ServerDeps) {
  const server = new Server(deps);
  const { url, port } = await server.listen();
  const close = () => server.close();
  return { applyTlsSettings: () => server.applyTlsSettings(), close, url, port, [Symbol.asyncDispose]: close };
}
