import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { ListReader } from '../../test/scan/list-reader.ts';
import { environment } from '../../test/support/environments.ts';
import { FakeWorkList } from '../../test/support/fake-work-list.ts';
import { ManualClock } from '../../test/support/manual-clock.ts';
import type { Figure } from '../figure.ts';

/**
 * What reads of the list cost in the steady state, those of the whole list included, against reading the whole list
 * each time: requests, CPU and heap at 1,000 and at 100,000 stopped items.
 *
 * 50 live items, a few of them far from the new ones; 5 new ones and 5 that end per interval; pages of 100. Answers
 * come from memory, so the figures are the exporter's own cost without HTTP and JSON.
 */
const LIVE = 50;
const NEW = 5;
const LIMIT = 100;
const INTERVAL = 30_000;
const READS = 200;
const LARGE = 100_000;
/** `full_list_interval`: its default, a longer one, and one that no read of the bench reaches. */
const FULL_LIST_INTERVALS = { defaults: 300_000, quarter: 900_000, never: 86_400_000 } as const;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

interface Cost {
  readonly requests: number;
  readonly mostRequests: number;
  readonly naiveRequests: number;
  readonly cpuMs: number;
  readonly naiveCpuMs: number;
  readonly heapKb: number;
}

function stoppedList(clock: ManualClock, stopped: number): FakeWorkList {
  const list = new FakeWorkList({ order: 'newest', cursors: 'keyset', maxPageSize: LIMIT });
  const from = clock.now() - stopped * 60_000 - 86_400_000;
  for (let i = 0; i < stopped; i++) {
    const at = from + i * 60_000;
    list.add(at, { state: 'stopped', acknowledgedAt: at + 2000, stopRequestedAt: at + 30_000, stoppedAt: at + 30_000 });
  }
  return list;
}

/** The world between two reads: new items come, the oldest of the ordinary live ones end. */
function live(list: FakeWorkList, clock: ManualClock, ids: string[]): void {
  const now = clock.now();
  for (let n = 0; n < NEW; n++)
    ids.push(list.add(now, { state: 'active', acknowledgedAt: now, latestHeartbeatAt: now }));
  for (const id of ids.splice(3, ids.length - LIVE)) list.change(id, { state: 'stopped', stoppedAt: now });
  for (const id of ids) list.change(id, { latestHeartbeatAt: now });
}

/** Collected twice: what only a weak reference held is free the second time. */
function heapKb(): number {
  collect();
  collect();
  return process.memoryUsage().heapUsed / 1024;
}

function cpuMs(since: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1000;
}

async function measure(stopped: number, fullListIntervalMs: number): Promise<Cost> {
  const clock = new ManualClock();
  const list = stoppedList(clock, stopped);
  // Three old sessions live again, on pages far from each other and from the new ones.
  const ids = [0.1, 0.5, 0.9].map((share) => list.items()[Math.floor(share * stopped)]!.id);
  for (const id of ids) list.change(id, { state: 'active', stoppedAt: null, latestHeartbeatAt: clock.now() });
  for (let n = ids.length; n < LIVE; n++) {
    ids.push(list.add(clock.now() - 3_600_000 + n * 60_000, { state: 'active', latestHeartbeatAt: clock.now() }));
  }
  const before = heapKb();
  const poll = { ...environment('env_1').poll, fullListIntervalMs };
  const reader = new ListReader({ api: list, clock, environment: { poll } });
  await reader.read();
  let mostRequests = 0;
  let requests = 0;
  let cpu = 0;
  for (let n = 0; n < READS; n++) {
    await clock.advance(INTERVAL);
    live(list, clock, ids);
    const asked = list.requests.length;
    const started = process.cpuUsage();
    const { failure } = await reader.read();
    cpu += cpuMs(started);
    if (failure !== null) throw new Error(failure.message);
    requests += list.requests.length - asked;
    mostRequests = Math.max(mostRequests, list.requests.length - asked);
  }
  const shown = reader.state.items?.live.length;
  if (shown !== ids.length) throw new Error(`${shown} live items are shown, ${ids.length} there are`);
  list.requests.length = 0;
  const heap = heapKb() - before;
  const naive = await measureNaive(list, clock);
  return {
    requests: requests / READS,
    mostRequests,
    naiveRequests: naive.requests,
    cpuMs: cpu / READS,
    naiveCpuMs: naive.cpuMs,
    heapKb: heap,
  };
}

/** The same list, every page of it, kept by id: what a first version does. */
async function measureNaive(list: FakeWorkList, clock: ManualClock) {
  const reads = 5;
  const started = process.cpuUsage();
  for (let n = 0; n < reads; n++) await new ListReader({ api: list, clock }).read();
  return { requests: list.requests.length / reads, cpuMs: cpuMs(started) / reads };
}

export async function measureListCost(): Promise<Figure[]> {
  const { defaults, quarter, never } = FULL_LIST_INTERVALS;
  const figures: Figure[] = [];
  for (const [name, interval] of [
    ['defaults', defaults],
    ['full_list_interval 15m', quarter],
  ] as const) {
    const cost = await measure(LARGE, interval);
    const what = `100,000 stopped items, ${name}`;
    figures.push(
      per(`${what}: requests / naive full read`, [cost.requests, cost.naiveRequests], 'requests'),
      per(`${what}: CPU / naive full read`, [cost.cpuMs, cost.naiveCpuMs], 'ms'),
    );
  }
  const [small, large] = [await measure(1000, never), await measure(LARGE, never)];
  const heaps = [large.heapKb, Math.max(small.heapKb, 1024)] as const;
  return [
    ...figures,
    per('CPU between full reads, at 100,000 stopped items / at 1,000', [large.cpuMs, small.cpuMs], 'ms'),
    per('heap at 100,000 stopped items / at 1,000, or 1 MB', heaps, 'KB'),
    { what: 'most requests of one read', result: large.mostRequests },
  ];
}

function per(what: string, [own, other]: readonly [number, number], unit: string): Figure {
  return { what, result: own / other, from: `${own.toFixed(2)} of ${other.toFixed(2)} ${unit}` };
}
