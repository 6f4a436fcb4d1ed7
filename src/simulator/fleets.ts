import type { EnvironmentEntry, Trouble } from './scenario-schema.ts';
import { edgeAfter, isActive, since } from './timing.ts';
import type { Habit, WorkerFleet } from './worker.ts';

/** Who works in an environment at this second, and how. */
export function fleetsAt(entry: EnvironmentEntry, troubles: readonly Trouble[], at: number): readonly WorkerFleet[] {
  const healthy = entry.workers
    .filter((fleet) => isActive(fleet, at))
    .map(({ count, run = entry.run, boot = entry.boot }): WorkerFleet => {
      return { workers: count, run, boot, finishesTool: entry.finishes_tool };
    });
  return troubles
    .filter((trouble) => isActive(trouble, at))
    .reduce<readonly WorkerFleet[]>((fleets, trouble) => affected(fleets, trouble, since(trouble, at)), healthy)
    .filter(({ workers }) => workers > 0);
}

/** When they may be others. */
export function fleetsChangeAfter(entry: EnvironmentEntry, troubles: readonly Trouble[], at: number): number {
  const edges = [...entry.workers.map((fleet) => edgeAfter(fleet, at)), ...troubles.map((one) => troubleEdge(one, at))];
  return Math.min(...edges);
}

function troubleEdge(trouble: Trouble, at: number): number {
  if (trouble.kind === 'workers_die' && trouble.restart !== undefined) {
    return edgeAfter(trouble, at, [trouble.restart[0]]);
  }
  if (trouble.kind !== 'workers_roll' || !isActive(trouble, at)) return edgeAfter(trouble, at);
  const { every, away } = trouble;
  const from = at - since(trouble, at);
  return Math.min(edgeAfter(trouble, at), edgeAfter({ from, to: from + away, repeats: Math.max(1, every) }, at));
}

const HABITS = {
  workers_hang: 'stops-beating',
  boots_hang: 'hangs-in-boot',
  boots_fail: 'dies-after-ack',
  claims_lost: 'dies-before-ack',
  runs_die: 'dies-in-run',
  items_stay_stopping: 'leaves-stopping',
} as const satisfies Partial<Record<Trouble['kind'], Habit>>;

/** @param seconds since the trouble last began */
function affected(fleets: readonly WorkerFleet[], trouble: Trouble, seconds: number): readonly WorkerFleet[] {
  const all = (change: Partial<WorkerFleet>) => fleets.map((fleet) => ({ ...fleet, ...change }));
  switch (trouble.kind) {
    case 'workers_leave':
      return atMost(fleets, trouble.left);
    case 'workers_die': {
      const { restart, lives, left } = trouble;
      if (restart === undefined || seconds < restart[0]) return atMost(fleets, left);
      return all({ restart, ...(lives && { lives }) });
    }
    case 'workers_roll': {
      const total = fleets.reduce((sum, { workers }) => sum + workers, 0);
      return seconds % trouble.every < trouble.away ? atMost(fleets, total - 1) : fleets;
    }
    case 'runs_take':
      return all({ run: trouble.run });
    case 'heartbeats_late':
      return all({ hungHeartbeat: trouble });
    case 'workers_hang':
    case 'boots_hang':
    case 'items_stay_stopping':
      return all({ misbehaviour: { habit: HABITS[trouble.kind], share: trouble.share } });
    case 'boots_fail':
    case 'claims_lost':
    case 'runs_die':
      return all({
        misbehaviour: { habit: HABITS[trouble.kind], share: trouble.share },
        restart: trouble.restart,
      });
    default:
      return fleets;
  }
}

function atMost(fleets: readonly WorkerFleet[], most: number): readonly WorkerFleet[] {
  let left = most;
  return fleets.map((fleet) => {
    const workers = Math.min(fleet.workers, left);
    left -= workers;
    return { ...fleet, workers };
  });
}
