import type { HttpWorkApi } from '../../src/client/http-work-api.ts';
import type { Ledger } from '../../src/lifecycle/ledger.ts';
import type { FullScans } from '../../src/scan/memory/full-scans.ts';
import { switchesFor } from '../../src/simulator/queue/preset-switches.ts';
import type { Switches } from '../../src/simulator/queue/switches.ts';
import { type Simulator, startSimulator } from '../../src/simulator/start-simulator.ts';
import type { EnvironmentTruth } from '../../src/simulator/world/truth.ts';
import type { EnvironmentState } from '../../src/state/environment-state.ts';
import { formatStateFile } from '../../src/statefile/format.ts';
import { parseStateFile } from '../../src/statefile/parse-state-file.ts';
import { PRESETS, type ProviderName } from '../../src/wire/presets.ts';
import { ListReader } from '../scan/list-reader.ts';
import { environment } from '../support/environments.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { silentLogger } from '../support/silent-logger.ts';
import { clientOf } from './lifecycle-client.ts';
import { watched } from './lifecycle-watch.ts';
import { TrueWorld } from './lifecycle-world.ts';
import type { ShownRow } from './visible-item.ts';
import { VisibleTransitions } from './visible-transitions.ts';

export interface RigOptions {
  readonly scenario: string;
  readonly preset?: ProviderName;
  readonly switches?: Partial<Switches>;
  readonly seed?: number;
}

/** How a process ends, and what the next one finds. */
export type End = 'crash' | 'graceful' | 'without a file';

/** Called before every request of a read but the first. */
export type Between = (requests: number) => void | Promise<void>;

/** A simulator, its world, and a reader of its list, with one clock that only a test moves. */
export class Rig {
  readonly clock: ManualClock;
  readonly simulator: Simulator;
  readonly world: TrueWorld;
  readonly #api: HttpWorkApi;
  readonly #preset: ProviderName;
  readonly #switches: Switches;
  #reader!: ListReader;
  #visible!: VisibleTransitions;
  #kept: Ledger | null = null;
  #between: Between = () => {};
  #requests = 0;
  #lastFullScan: FullScans['last'] = null;
  /** Rows that no read has published yet. */
  readonly #shown = new Map<string, ShownRow>();

  constructor(simulator: Simulator, clock: ManualClock, options: Required<RigOptions>) {
    const { preset, scenario, switches, seed } = options;
    this.clock = clock;
    this.simulator = simulator;
    this.world = new TrueWorld({ clock, seed, scenario, preset, switches });
    this.#preset = preset;
    this.#switches = switchesFor(preset, switches);
    this.#api = clientOf(simulator, preset, clock);
    this.#start(null);
  }

  get reader(): ListReader {
    return this.#reader;
  }

  get state(): EnvironmentState {
    return this.#reader.state;
  }

  /** What reads have shown since the counters began. */
  get visible(): VisibleTransitions {
    return this.#visible;
  }

  /** The API's time. */
  now(): number {
    return this.clock.now() + this.world.skewMs;
  }

  /** What the simulator says of itself, by the thresholds of the environment that is read. */
  truth(): EnvironmentTruth {
    const { stateAgeSeconds, staleHeartbeatSeconds } = this.state.environment.thresholds;
    const limits = { startingSeconds: stateAgeSeconds.starting, staleHeartbeatSeconds };
    return Object.values(this.simulator.truth(limits).environments)[0]!;
  }

  setScenario(name: string): void {
    this.simulator.setScenario(name);
    this.world.setScenario(name);
  }

  enqueue(): void {
    this.simulator.enqueue(this.simulator.environments[0]!.id);
    this.world.enqueue();
  }

  async read(between: Between = () => {}): Promise<EnvironmentState> {
    this.#between = between;
    this.#requests = 0;
    const { failure } = await this.#reader.read();
    // What a read that failed has seen is shown by the next one.
    if (failure === null) {
      this.#visible.show(this.#shown.values());
      this.#shown.clear();
      const lastFullScan = this.#reader.scanState.fullScans.last;
      if (lastFullScan !== null && lastFullScan !== this.#lastFullScan) {
        const startedAt = this.now() - this.clock.monotonic() + lastFullScan.startedMonotonic;
        this.#visible.scanned({ pages: lastFullScan.pages, startedAt });
      }
      this.#lastFullScan = lastFullScan;
      if (this.#kept === this.state.ledger) this.#visible.keep();
    }
    return this.state;
  }

  /** Ends the process and starts another one. */
  restart(end: End): void {
    this.#shown.clear();
    // The first good read always has something to tell.
    if (this.#kept === null && this.state.ledger !== undefined)
      throw new Error('what was read is not in the state file');
    const ledger = end === 'crash' ? this.#kept : end === 'graceful' ? (this.state.ledger ?? null) : null;
    if (ledger !== null && end === 'crash') this.#visible.crash();
    this.#start(ledger === null ? null : reloaded(ledger, this.clock.now()));
  }

  async stop(): Promise<void> {
    await this.#api.close();
    await this.simulator.stop();
  }

  #start(ledger: Ledger | null): void {
    const { startedAtIsEnqueueStamp, idsRotate, staleHeartbeatSeconds } = PRESETS[this.#preset];
    this.#kept = ledger;
    if (ledger === null) {
      this.#visible = new VisibleTransitions({ since: this.now(), enqueueStamp: startedAtIsEnqueueStamp, idsRotate });
    }
    this.#reader = new ListReader({
      api: watched(this.#api, {
        environmentId: this.simulator.environments[0]!.id,
        before: async () => {
          if (this.#requests++ > 0) await this.#between(this.#requests);
        },
        served: (items) => {
          this.world.look();
          for (const row of items) this.#shown.set(row.id, { row, at: this.now() });
        },
      }),
      clock: this.clock,
      environment: { thresholds: { ...environment('e').thresholds, staleHeartbeatSeconds } },
      connection: {
        pageSize: this.#switches.maxPageSize,
        startedAtIsEnqueueStamp,
        idsRotate,
        skewMs: () => this.world.skewMs,
        historySkewMs: () => this.world.skewMs,
      },
      saveLedger: async (_, next, change) => {
        if (change !== 'seen') this.#kept = next;
      },
      ...(ledger === null ? {} : { ledger }),
    });
  }
}

const running: Rig[] = [];

export async function startRig(options: RigOptions): Promise<Rig> {
  const { scenario, preset = 'anthropic', switches = {}, seed = 7 } = options;
  const clock = new ManualClock();
  const simulator = await startSimulator({
    clock,
    logger: silentLogger,
    scenario,
    preset,
    seed,
    environments: 1,
    switches,
  });
  const rig = new Rig(simulator, clock, { scenario, preset, switches, seed });
  running.push(rig);
  return rig;
}

/** Stops all that were started. */
export async function stopRigs(): Promise<void> {
  await Promise.all(running.splice(0).map((rig) => rig.stop()));
}

/** The ledger that the next process finds in its state file. */
function reloaded(ledger: Ledger, savedAt: number): Ledger {
  const text = formatStateFile({ instance: 'one', savedAt, ledgers: new Map([['env', ledger]]) });
  return parseStateFile(text).ledgers.get('env')!;
}
