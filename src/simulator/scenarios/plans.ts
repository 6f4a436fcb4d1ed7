import type { EnvironmentPlan, WorkerFleet } from './scenario.ts';

export const ALWAYS = Number.POSITIVE_INFINITY;

export const PROD: WorkerFleet = { workers: 12, runSeconds: [20, 60], bootSeconds: [0.1, 0.3] };
const STAGING: WorkerFleet = { workers: 3, runSeconds: [10, 40], bootSeconds: [0.1, 0.3] };
/** Slow boots: a sandbox must be created before the first heartbeat. */
export const BATCH: WorkerFleet = { workers: 6, runSeconds: [60, 240], bootSeconds: [5, 15] };

export const WAKE = { share: 0.15, afterSeconds: [20, 120] } as const;
export const PROD_ARRIVALS = { perMinute: 6, healthchecksPerHour: 6 };

export const STEADY: readonly EnvironmentPlan[] = [
  {
    phases: [{ seconds: ALWAYS, arrivals: PROD_ARRIVALS, fleets: [PROD] }],
    wake: WAKE,
    gracefulStopShare: 0.05,
  },
  { phases: [{ seconds: ALWAYS, arrivals: { perMinute: 2 }, fleets: [STAGING] }], wake: WAKE },
  { phases: [{ seconds: ALWAYS, arrivals: { perMinute: 1 }, fleets: [BATCH] }], gracefulStopShare: 0.05 },
];

export const QUIET: EnvironmentPlan = { phases: [{ seconds: ALWAYS, arrivals: { perMinute: 0 }, fleets: [] }] };

/** The first environment with this plan, the others steady: a fault in one must not look like a fault in all. */
export function inProdOnly(plan: EnvironmentPlan): readonly EnvironmentPlan[] {
  return [plan, STEADY[1]!, STEADY[2]!];
}
