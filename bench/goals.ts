/** A row of the table that `npm run bench` prints, and the most that its result should be. */
export interface Goal {
  readonly what: string;
  readonly goal: number;
  /** Absent: a ratio. */
  readonly unit?: 'ms' | 'ms/s' | 'MB' | 'requests' | 'series';
}

/** Of fleets that poll every 15 s. */
export const POLLING_ENVIRONMENTS = [100, 1000] as const;
/** Whether each answer differs from the one before. */
export type Bodies = 'changed' | 'unchanged';

/** What an exporter's poll is compared with. */
export const POLL_PEERS = [
  { name: 'raw sockets', goals: { changed: 1.5, unchanged: 1.2 } },
  { name: 'Go', goals: { changed: 0.8, unchanged: 0.6 } },
] as const;
export type PollPeer = (typeof POLL_PEERS)[number]['name'];

export function pollRow(environments: number, bodies: Bodies, peer: PollPeer): string {
  return `CPU a poll, ${environments} environments, bodies ${bodies} / ${peer}`;
}

/** What is read between two scrapes: every environment, as before each scrape of a real Prometheus, or some of them. */
export type Reads = 'all' | 'some';
export const ENCODINGS = ['identity', 'gzip'] as const;
export type Encoding = (typeof ENCODINGS)[number];

/** What a scrape is compared with, after which reads. */
export const SCRAPE_PEERS = [
  { name: 'prom-client', goals: { all: 0.15, some: 0.1 } },
  { name: 'client_golang', goals: { some: 0.1 } },
  { name: "kube-state-metrics' store", goals: { some: 1 } },
] as const satisfies readonly { readonly name: string; readonly goals: Readonly<Partial<Record<Reads, number>>> }[];
export type ScrapePeer = (typeof SCRAPE_PEERS)[number]['name'];

/** What of a scrape is compared. */
export const SCRAPE_COSTS = { latency: 'latencyMs', CPU: 'cpuMs' } as const;
export type ScrapeCost = keyof typeof SCRAPE_COSTS;

export function scrapeRow(reads: Reads, encoding: Encoding, cost: ScrapeCost, peer: ScrapePeer): string {
  return `scrape, ${reads === 'all' ? 'everything' : '120 reads'} since the last, ${encoding}: ${cost} / ${peer}`;
}

const POLLS: readonly Goal[] = [
  ...POLLING_ENVIRONMENTS.flatMap((environments) =>
    (['changed', 'unchanged'] as const).flatMap((bodies) =>
      POLL_PEERS.map(({ name, goals }) => ({ what: pollRow(environments, bodies, name), goal: goals[bodies] })),
    ),
  ),
  { what: 'CPU a poll, 10,000 environments / 100', goal: 1.1 },
];

const SCRAPES: readonly Goal[] = [
  ...(['all', 'some'] as const).flatMap((reads) =>
    ENCODINGS.flatMap((encoding) =>
      SCRAPE_PEERS.flatMap(
        ({ name, goals }: { readonly name: ScrapePeer; readonly goals: Partial<Record<Reads, number>> }) =>
          (Object.keys(SCRAPE_COSTS) as ScrapeCost[]).flatMap((cost) => {
            const goal = goals[reads];
            return goal === undefined ? [] : [{ what: scrapeRow(reads, encoding, cost, name), goal }];
          }),
      ),
    ),
  ),
  { what: 'slowest /-/healthy during such a scrape', goal: 25, unit: 'ms' },
];

/** What each bench prints, in this order. */
export const GOALS = {
  polls: POLLS,
  scrape: SCRAPES,
  memory: [
    { what: 'RSS, one environment / bundle', goal: 1.1 },
    { what: 'RSS, 500 environments every 15 s / bundle', goal: 2 },
  ],
  idle: [
    { what: 'idle CPU, one environment', goal: 0.2, unit: 'ms/s' },
    { what: 'idle CPU, 200 key files', goal: 0.2, unit: 'ms/s' },
  ],
  start: [{ what: 'start to the first /metrics / bundle', goal: 1.5 }],
  list: [
    { what: '100,000 stopped items, defaults: requests / naive full read', goal: 1 / 8 },
    { what: '100,000 stopped items, defaults: CPU / naive full read', goal: 1 / 8 },
    { what: '100,000 stopped items, full_list_interval 15m: requests / naive full read', goal: 1 / 20 },
    { what: '100,000 stopped items, full_list_interval 15m: CPU / naive full read', goal: 1 / 20 },
    // CPU and heap vary from run to run; growth with history would be a hundredfold.
    { what: 'CPU between full reads, at 100,000 stopped items / at 1,000', goal: 3 },
    { what: 'heap at 100,000 stopped items / at 1,000, or 1 MB', goal: 3 },
    { what: 'most requests of one read', goal: 5, unit: 'requests' },
  ],
  rules: [
    { what: 'CPU in each 30 s, 1000 environments', goal: 100, unit: 'ms' },
    { what: 'recorded series, 1 % of environments in trouble', goal: 200, unit: 'series' },
  ],
} as const satisfies Readonly<Record<string, readonly Goal[]>>;

export type BenchName = keyof typeof GOALS;
