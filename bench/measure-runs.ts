/** Medians over some runs, milliseconds. */
export interface Timing {
  readonly latency: number;
  /** User and system time of the whole process, garbage collection included. */
  readonly cpu: number;
}

export interface Runs {
  readonly runs: number;
  /** Called before each run and not measured. */
  readonly before?: (run: number) => void;
  readonly run: () => Promise<unknown>;
}

/** Runs something a few times to warm up and then measures it. */
export async function measureRuns({ runs, before = () => {}, run }: Runs): Promise<Timing> {
  const latencies: number[] = [];
  const cpus: number[] = [];
  const warmUp = Math.ceil(runs / 3);
  for (let index = 0; index < runs + warmUp; index++) {
    before(index);
    const cpuBefore = process.cpuUsage();
    const start = performance.now();
    await run();
    const latency = performance.now() - start;
    const { user, system } = process.cpuUsage(cpuBefore);
    if (index < warmUp) continue;
    latencies.push(latency);
    cpus.push((user + system) / 1000);
  }
  return { latency: median(latencies), cpu: median(cpus) };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}
