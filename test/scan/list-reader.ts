import type { AnswerRoom } from '../../src/client/answers/answer-room.ts';
import type { WorkApi } from '../../src/client/work-api.ts';
import type { Environment } from '../../src/domain/environment.ts';
import type { QueueStats } from '../../src/domain/work.ts';
import type { Ledger } from '../../src/lifecycle/ledger.ts';
import type { PollConnection } from '../../src/poller/poll-connection.ts';
import { readList } from '../../src/poller/read-list.ts';
import type { EndedRead, SaveLedger } from '../../src/poller/reads.ts';
import type { ItemRoom } from '../../src/scan/memory/item-room.ts';
import { endlessRooms } from '../../src/scan/memory/rooms.ts';
import { newScanState, type ScanState } from '../../src/scan/memory/scan-state.ts';
import type { ScanPermits } from '../../src/scan/steps/scan-request.ts';
import { initialState } from '../../src/state/changes.ts';
import { type EnvironmentState, MemoryStateStore } from '../../src/state/environment-state.ts';
import { environment } from '../support/environments.ts';
import type { ManualClock } from '../support/manual-clock.ts';
import { pollConnection } from '../support/poll-connection.ts';

export interface ListReaderOptions {
  readonly api: WorkApi;
  readonly clock: ManualClock;
  readonly environment?: Partial<Environment>;
  readonly connection?: Partial<PollConnection>;
  readonly saveLedger?: SaveLedger;
  /** What a state file gave back. */
  readonly ledger?: Ledger;
  /** As many as are asked for, at once, unless told otherwise. */
  readonly permits?: ScanPermits;
  /** Without a limit unless told otherwise. */
  readonly room?: ItemRoom;
  readonly answers?: AnswerRoom;
}

/** Reads one environment's list, read by read, as the poller would, but when the test says so. */
export class ListReader {
  readonly scanState: ScanState;
  readonly #states = new MemoryStateStore();
  readonly #clock: ManualClock;
  readonly #connection: PollConnection;
  readonly #job: Parameters<typeof readList>[0];
  readonly #saveLedger: SaveLedger;
  readonly #permits: ScanPermits;

  constructor(options: ListReaderOptions) {
    const { api, clock, environment: change, connection, saveLedger, ledger, permits, room, answers } = options;
    this.scanState = newScanState({ ...endlessRooms(), ...(room && { items: room }), ...(answers && { answers }) });
    this.#permits = permits ?? { tryTake: () => true, take: async () => {} };
    this.#saveLedger = saveLedger ?? (async () => {});
    const env = environment('env_1', change);
    this.#clock = clock;
    const state = initialState(env, { stats: true, list: true }, clock);
    this.#states.replaceAll([ledger === undefined ? state : { ...state, ledger }]);
    this.#connection = pollConnection({ api, ...connection });
    this.#job = { environment: env, scanState: this.scanState, intervalMs: env.poll.listIntervalMs };
  }

  get state(): EnvironmentState {
    return this.#states.get('env_1')!;
  }

  /** Ids of the live items of the published state, sorted. */
  get live(): string[] {
    return (this.state.items?.live ?? []).map(({ item }) => item.id).sort();
  }

  read(signal: AbortSignal = new AbortController().signal): Promise<EndedRead> {
    const [connection, states, clock, permits, saveLedger] = [
      this.#connection,
      this.#states,
      this.#clock,
      this.#permits,
      this.#saveLedger,
    ];
    const context = {
      connection,
      api: () => connection.api,
      states,
      clock,
      signal,
      permits,
      saveLedger,
      leaveSlot() {},
    };
    return readList(this.#job, context);
  }

  /** What a poll of the stats has just brought. */
  showStats(stats: Partial<QueueStats>): void {
    const idle = { depth: 0, pending: 0, oldestQueuedAt: null, workersPolling: 1 };
    const queue = { observedAt: this.#clock.now(), stats: { ...idle, ...stats } };
    this.#states.update('env_1', (state) => ({ ...state, queue }));
  }
}
