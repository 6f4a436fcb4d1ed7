import type { Environment, PollSettings } from '../../src/domain/environment.ts';

export const POLL: PollSettings = {
  statsIntervalMs: 15_000,
  listIntervalMs: 30_000,
  maxStatsIntervalMs: 60_000,
  maxListIntervalMs: 300_000,
  fullListIntervalMs: 300_000,
  maxListPages: 1000,
  staleAfterMs: 90_000,
  singleReads: 'auto',
};

/** An environment with the defaults of docs/configuration.md. */
export function environment(id: string, change: Partial<Environment> = {}): Environment {
  return {
    id,
    name: id.replace(/^env_/, ''),
    connection: 'default',
    workspaceId: null,
    source: 'config',
    labels: {},
    poll: POLL,
    sessions: { enabled: true, afterMs: 600_000, intervalMs: 120_000, maxItems: 50 },
    thresholds: {
      queueAgeSeconds: { warning: 300, critical: 900 },
      queueDepth: { warning: 100, critical: Number.POSITIVE_INFINITY },
      staleHeartbeatSeconds: 120,
      staleHeartbeatItems: { warning: 1, critical: Number.POSITIVE_INFINITY },
      stateAgeSeconds: { starting: 300, active: Number.POSITIVE_INFINITY, stopping: 120 },
      sessionWaitSeconds: 1800,
      redeliveries: 3,
      minWorkers: 0,
    },
    slo: { queueWaitTargetSeconds: 300, objectiveRatio: 0.99 },
    scaling: { itemsPerWorker: 1, minWorkers: 0, maxWorkers: Number.POSITIVE_INFINITY },
    metadata: { keys: [], maxValues: 20 },
    exemplars: false,
    ...change,
  };
}
