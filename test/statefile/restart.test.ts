import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countRead } from '../../src/lifecycle/count-read.ts';
import { type Ledger, type LedgerOptions, type LedgerRead, newLedger } from '../../src/lifecycle/ledger.ts';
import { ledgerChange } from '../../src/lifecycle/ledger-change.ts';
import { formatStateFile } from '../../src/statefile/format.ts';
import { parseStateFile } from '../../src/statefile/parse-state-file.ts';
import {
  anyService,
  anySteps,
  BIRTH,
  play,
  type Service,
  type Step,
  type TrueItem,
} from '../lifecycle/true-history.ts';

/** What a process that reads this ledger from its state file has. */
function reloaded(ledger: Ledger): Ledger {
  const text = formatStateFile({ instance: 'one', savedAt: BIRTH, ledgers: new Map([['env_1', ledger]]) });
  return parseStateFile(text).ledgers.get('env_1')!;
}

/** One process that counts, and what its state file holds. */
class Process {
  ledger: Ledger;
  file: Ledger;
  readonly #options: LedgerOptions;

  constructor(since: number, options: LedgerOptions) {
    this.ledger = newLedger(since);
    this.file = this.ledger;
    this.#options = options;
  }

  read(read: LedgerRead): void {
    const counted = countRead(this.ledger, read, this.#options);
    if (ledgerChange(this.ledger, counted) !== 'seen') this.file = counted;
    this.ledger = counted;
  }

  /** Ends without a word: what the file lacks is lost. */
  crash(): void {
    this.ledger = reloaded(this.file);
  }

  /** Ends in good order: the file takes along what it lacks. */
  end(): void {
    this.ledger = reloaded(this.ledger);
  }
}

/** How a read looks at the list, and whether the process ends before it. */
interface Look {
  readonly restart: boolean;
  /** 0: no full scan, and only the items of `shows` are met. */
  readonly pages: number;
  readonly truncated: boolean;
  readonly shows: number;
}

const anyLooks: fc.Arbitrary<Look[]> = fc.array(
  fc.record({
    restart: fc.boolean(),
    pages: fc.integer({ min: 0, max: 3 }),
    truncated: fc.boolean(),
    shows: fc.nat(),
  }),
  { minLength: 1, maxLength: 20 },
);

interface History {
  readonly service: Service;
  readonly steps: readonly Step[];
  readonly looks: readonly Look[];
  /** What happened in so many milliseconds after the birth of the first item is history for the exporter. */
  readonly lateMs: number;
}

const anyHistory: fc.Arbitrary<History> = fc.record({
  service: anyService,
  steps: anySteps,
  looks: anyLooks,
  lateMs: fc.integer({ min: 0, max: 1_800_000 }),
});

/** Tells the same reads to a process that never ends and to one that ends now and then. */
function live({ service, steps, looks, lateMs }: History, restart: (process: Process) => void) {
  const options = { startedAtIsEnqueueStamp: service.enqueueStamp, exemplars: false };
  const [steady, restarted] = [new Process(BIRTH + lateMs, options), new Process(BIRTH + lateMs, options)];
  let reads = 0;
  play(service, steps, (items, at) => {
    if (at < BIRTH + lateMs) return;
    const look = looks[reads++ % looks.length]!;
    if (look.restart) restart(restarted);
    const read = readOf(items, at, look);
    steady.read(read);
    restarted.read(read);
  });
  return { steady: steady.ledger.totals, restarted: restarted.ledger.totals };
}

function readOf(items: readonly TrueItem[], at: number, { pages, truncated, shows }: Look): LedgerRead {
  const met = items.filter((_, n) => pages > 0 || (shows >> (n % 16)) & 1);
  return {
    sightings: met.map(({ row }) => ({ item: row, at })),
    gone: [],
    fullScan: pages === 0 ? null : { startedAt: at, pages, truncated },
  };
}

/** Steps written as `seconds operation item`. */
function steps(...written: string[]): Step[] {
  return written.map((words) => {
    const [seconds, operation, item] = words.split(' ');
    return { afterMs: Number(seconds) * 1000, operation: operation as Step['operation'], item: Number(item ?? 0) };
  });
}

const SERVICE = { enqueueStamp: false, keepsStamps: false };
const WALK = { restart: false, pages: 1, truncated: false, shows: 0 };
const CUT = { ...WALK, truncated: true };
const PART = { ...WALK, pages: 0 };

/** What random histories seldom find: the read before a crash counts nothing, and a later one counts what it learned. */
const RARE: History[] = [
  // It forgets an item that ended, which is then queued again.
  {
    service: SERVICE,
    steps: steps(
      ...['2 stop', '60 create', '2 create', '119 create', '119 create', '75 read', '2 ask', '44 ask', '63 ask'],
      ...['119 read', '2 requeue', '16 create'],
    ),
    looks: [CUT, CUT, { ...WALK, restart: true }, PART],
    lateMs: 0,
  },
  // It forgets one item and meets another, so that there are as many as before.
  {
    service: SERVICE,
    steps: steps(
      ...['2 stop', '2 create', '2 stop 1', '18 create', '77 create', '25 create', '97 create', '62 read'],
      ...['90 ask', '31 requeue', '21 acknowledge', '87 lapse', '75 ask', '19 read', '2 create', '2 create'],
      ...['2 create', '2 requeue 1', '4 create'],
    ),
    looks: [CUT, CUT, { ...PART, restart: true, shows: 904087290 }, PART],
    lateMs: 2001,
  },
];

describe('restarts from the state file, over random histories', () => {
  it('change nothing that is counted when the process ends in good order', () => {
    fc.assert(
      fc.property(anyHistory, (history) => {
        const { steady, restarted } = live(history, (process) => process.end());
        expect(restarted).toEqual(steady);
      }),
      { numRuns: 1000 },
    );
  });

  it('change nothing but how well a wait is known when it ends without a word', () => {
    fc.assert(
      fc.property(anyHistory, (history) => {
        const { steady, restarted } = live(history, (process) => process.crash());
        const { wait: _, waitUnknown, ...exact } = steady;
        expect(restarted).toMatchObject(exact);
        // The read that last saw an item may have been made after the last write.
        const waits = ({ wait, waitUnknown: unknown }: Ledger['totals']) =>
          wait.counts.reduce((sum, count) => sum + count, 0) + unknown;
        expect(waits(restarted)).toBe(waits(steady));
        expect(restarted.waitUnknown).toBeGreaterThanOrEqual(waitUnknown);
      }),
      { numRuns: 1000, examples: RARE.map((history) => [history]) },
    );
  });
});
