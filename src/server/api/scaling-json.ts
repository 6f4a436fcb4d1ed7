import type { EpochMs } from '../../base/clock.ts';
import type { Operation } from '../../domain/environment.ts';
import { isRunning } from '../../domain/work.ts';
import { nextAttemptAt } from '../../state/changes.ts';
import type { EnvironmentState, ItemsSnapshot } from '../../state/environment-state.ts';
import type { ErrorAnswer } from '../http/answer-error.ts';
import { jsonDuration, jsonTime } from './json-values.ts';
import { visibleState } from './visible-state.ts';

/** How soon an autoscaler that got no number may ask again, seconds. */
const RETRY_AFTER = { least: 1, most: 300 } as const;

export type Scaling =
  | { readonly known: true; readonly body: ScalingBody }
  | { readonly known: false; readonly retryAfterSeconds: number; readonly error: ErrorAnswer };

interface ScalingBody {
  readonly schema: 1;
  readonly environment_id: string;
  /** The time of the older of the reads that this is based on. */
  readonly observed_at: string | null;
  readonly age_seconds: number | '+Inf' | null;
  readonly queue_depth: number;
  readonly queue_pending: number;
  /** Items that a worker holds; null if no credential can read the list. */
  readonly live_items: number | null;
  readonly wanted_workers: number | null;
}

/**
 * How many workers an environment needs: for waiting and for running items, because an autoscaler that sees only the
 * queue stops busy workers. What is unknown is not a number: a 0 would stop them all.
 */
export function scalingJson(state: EnvironmentState, now: EpochMs): Scaling {
  const { queue, items } = visibleState(state, now);
  const { stats, list } = state.operations;
  if (queue === null || stats.failure !== null) return unknown(state, 'stats', now);
  if (list.attempted && (items === null || list.failure !== null)) return unknown(state, 'list', now);
  const read = list.attempted ? items : null;
  if (read?.lastFullRead?.truncated === true) return unknown(state, 'list', now);
  const { depth, pending } = queue.stats;
  const live = read === null ? null : runningItems(read);
  const observedAt = Math.min(queue.observedAt, read?.observedAt ?? queue.observedAt);
  return {
    known: true,
    body: {
      schema: 1,
      environment_id: state.environment.id,
      observed_at: jsonTime(observedAt),
      age_seconds: jsonDuration(now - observedAt),
      queue_depth: depth,
      queue_pending: pending,
      live_items: live,
      wanted_workers: live === null ? null : wantedWorkers(state, depth + pending + live),
    },
  };
}

function runningItems(items: ItemsSnapshot): number {
  return items.live.filter(({ item }) => isRunning(item.state)).length;
}

function wantedWorkers({ environment }: EnvironmentState, items: number): number {
  const { itemsPerWorker, minWorkers, maxWorkers } = environment.scaling;
  return Math.min(maxWorkers, Math.max(minWorkers, Math.ceil(items / itemsPerWorker)));
}

function unknown(state: EnvironmentState, operation: Operation, now: EpochMs): Scaling {
  const nextAt = nextAttemptAt(state, operation);
  const seconds = nextAt === null ? RETRY_AFTER.least : Math.ceil((nextAt - now) / 1000);
  return {
    known: false,
    retryAfterSeconds: Math.min(RETRY_AFTER.most, Math.max(RETRY_AFTER.least, seconds)),
    error: {
      code: 'scaling_unknown',
      message: `How many workers are needed is not known: ${whyUnknown(state, operation, now)}.`,
      remedy: `Keep the number of workers. GET /api/v1/environments/${state.environment.id} says more.`,
    },
  };
}

function whyUnknown(state: EnvironmentState, operation: Operation, now: EpochMs): string {
  const { attempted, failure, lastSuccessAt } = state.operations[operation];
  if (!attempted) return `no credential reads ${operation}`;
  if (failure !== null) return `${operation} fails (${failure.reason})`;
  if (lastSuccessAt === null) return `${operation} was not read yet`;
  const read = operation === 'list' ? visibleState(state, now).items?.lastFullRead : null;
  if (read?.roomless === true) return 'the list shows more items than the exporter has memory for';
  if (read?.chainBroken === true) return 'the pages of the list do not lead to its end';
  if (read?.truncated === true) return 'the list is longer than poll.max_list_pages';
  return `${operation} was last read too long ago`;
}
