import { seededRandom } from '../../src/base/random.ts';
import { Secret } from '../../src/base/secret.ts';
import { Budget } from '../../src/client/budget.ts';
import { createHttpWorkApi, type HttpWorkApi } from '../../src/client/http-work-api.ts';
import type { CallOptions, PageRequest, WorkApi } from '../../src/client/work-api.ts';
import type { WorkItem } from '../../src/domain/work.ts';
import { type Simulator, startSimulator } from '../../src/simulator/start-simulator.ts';
import type { Switches } from '../../src/simulator/switches.ts';
import type { EnvironmentState } from '../../src/state/environment-state.ts';
import type { Ledger } from '../../src/state/ledger.ts';
import { formatStateFile, parseStateFile } from '../../src/state/state-file-format.ts';
import { PRESETS, type ProviderName } from '../../src/wire/presets.ts';
import { RecordingObserver } from '../client/test-client.ts';
import { ListReader } from '../poller/list-reader.ts';
import { environment } from '../support/environments.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { VisibleTransitions } from './visible-transitions.ts';

/** Time stands still while a request is answered, so there is nothing to wait for. */
class FreeBudget extends Budget {
  override tryTake(): boolean {
    return true;
  }

  override async take(): Promise<void> {}
}

/** A simulator and a reader of its list, with one clock that only a test moves. */
export interface Rig {
  readonly clock: ManualClock;
  readonly simulator: Simulator;
  readonly reader: ListReader;
  readonly visible: VisibleTransitions;
  /** A new process with the ledger that the last one would have left in its state file. */
  restart(): Rig;
  read(): Promise<EnvironmentState>;
  stop(): Promise<void>;
}

export async function startRig(options: {
  scenario: string;
  preset?: ProviderName;
  switches?: Partial<Switches>;
  seed?: number;
}): Promise<Rig> {
  const { scenario, preset = 'anthropic', switches = {}, seed = 7 } = options;
  const clock = new ManualClock();
  const simulator = await startSimulator({ clock, scenario, preset, seed, environments: 1, switches });
  const [{ id, environmentKey } = { id: '', environmentKey: '' }] = simulator.environments;
  const key = new Secret(environmentKey, 'the test');
  const apiKey = new Secret(simulator.apiKey, 'the test');
  const random = seededRandom(1);
  const api: HttpWorkApi = createHttpWorkApi({
    connection: {
      name: 'default',
      provider: preset,
      baseUrl: simulator.url,
      workspaceId: PRESETS[preset].workspaceRequired ? 'wrkspc_1' : null,
      maxConcurrentRequests: 4,
      timeoutMs: 10_000,
      maxResponseBytes: 64_000_000,
      ca: null,
    },
    credentials: { apiKey: () => apiKey, environmentKey: () => (PRESETS[preset].environmentKeys ? key : null) },
    budget: new FreeBudget(60_000, { clock, random }),
    observer: new RecordingObserver(),
    clock,
    random,
    env: {},
    version: '1.2.3',
  });
  const visible = new VisibleTransitions(clock.now());
  return assemble({ clock, simulator, api, visible, id, preset, switches, ledger: null });
}

interface Parts {
  readonly clock: ManualClock;
  readonly simulator: Simulator;
  readonly api: HttpWorkApi;
  readonly visible: VisibleTransitions;
  readonly id: string;
  readonly preset: ProviderName;
  readonly switches: Partial<Switches>;
  readonly ledger: Ledger | null;
}

function assemble(parts: Parts): Rig {
  const { clock, simulator, api, visible, id, preset, switches, ledger } = parts;
  const shown = new Map<string, WorkItem>();
  let kept: Ledger | null = ledger;
  const reader = new ListReader({
    api: watched(api, id, shown),
    clock,
    environment: {
      thresholds: { ...environment('e').thresholds, staleHeartbeatSeconds: PRESETS[preset].staleHeartbeatSeconds },
    },
    connection: {
      pageSize: switches.maxPageSize ?? PRESETS[preset].maxPageSize,
      startedAtIsEnqueueStamp: PRESETS[preset].startedAtIsEnqueueStamp,
    },
    keepLedger: async (_, next) => {
      kept = next;
    },
    ...(ledger === null ? {} : { ledger }),
  });
  return {
    clock,
    simulator,
    reader,
    visible,
    async stop() {
      await api.close();
      await simulator.stop();
    },
    restart() {
      if (kept === null) return assemble(parts);
      const text = formatStateFile({ instance: 'one', savedAt: clock.now(), ledgers: new Map([[id, kept]]) });
      return assemble({ ...parts, ledger: parseStateFile(text).ledgers.get(id)! });
    },
    async read() {
      const { failure } = await reader.read();
      // A read that failed shows what it saw with the next one.
      if (failure === null) {
        visible.show(shown.values());
        shown.clear();
      }
      return reader.state;
    },
  };
}

/** The port, watched by somebody who keeps every row. */
function watched(api: HttpWorkApi, id: string, shown: Map<string, WorkItem>): WorkApi {
  return {
    stats: (_, options) => api.stats(id, options),
    listEnvironments: (page, options) => api.listEnvironments(page, options),
    credentialFor: (operation) => api.credentialFor(operation, id),
    async listPage(_: string, page: PageRequest, options?: CallOptions) {
      const reply = await api.listPage(id, page, options);
      for (const item of reply.value.items) shown.set(item.id, item);
      return reply;
    },
    async retrieve(_: string, workId: string, options?: CallOptions) {
      const reply = await api.retrieve(id, workId, options);
      shown.set(reply.value.id, reply.value);
      return reply;
    },
  };
}
