import type { EpochMs } from '../base/clock.ts';
import type { Operation } from '../domain/environment.ts';
import { isRunning } from '../domain/work.ts';
import type { EnvironmentState } from '../state/environment-state.ts';
import { nextAttemptAt } from '../state/staleness.ts';
import { jsonDuration, jsonTime, visibleState } from './environment-json.ts';

/** The latest that an autoscaler without a number is told to ask again. */
const MOST_RETRY_SECONDS = 300;

/**
 * How many workers an environment needs: for waiting and for running items, because an autoscaler that sees only the
 * queue stops busy workers. What is unknown is not a number but an error: a 0 would stop them all.
 */
export function scalingJson(state: EnvironmentState, now: EpochMs) {
  const { queue, items: read } = visibleState(state, now);
  const { stats, list } = state.operations;
  const isListUnknown = read === null || list.failure !== null || read.lastFullRead?.truncated === true;
  if (queue === null || stats.failure !== null) return unknown(state, 'stats', now);
  if (list.attempted && isListUnknown) return unknown(state, 'list', now);
  const items = list.attempted ? read : null;
  const { depth, pending } = queue.stats;
  const live = items === null ? null : items.live.filter(({ item }) => isRunning(item.state)).length;
  const { itemsPerWorker, minWorkers, maxWorkers } = state.environment.scaling;
  const wanted = live === null ? null : Math.ceil((depth + pending + live) / itemsPerWorker);
  const observedAt = Math.min(queue.observedAt, items?.observedAt ?? queue.observedAt);
  const body = {
    schema: 1,
    environment_id: state.environment.id,
    /** The time of the older of the reads that this is based on. */
    observed_at: jsonTime(observedAt),
    age_seconds: jsonDuration(now - observedAt),
    queue_depth: depth,
    queue_pending: pending,
    live_items: live,
    wanted_workers: wanted === null ? null : Math.min(maxWorkers, Math.max(minWorkers, wanted)),
  };
  return { body, unknown: null };
}

function unknown(state: EnvironmentState, operation: Operation, now: EpochMs) {
  const seconds = Math.ceil(((nextAttemptAt(state, operation) ?? now) - now) / 1000);
  const why = {
    message: `How many workers are needed is not known: ${whyUnknown(state, operation)}.`,
    remedy: `Keep the number of workers. GET /api/v1/environments/${state.environment.id} says more.`,
    retryAfterSeconds: Math.min(MOST_RETRY_SECONDS, Math.max(1, seconds)),
  };
  return { body: null, unknown: why };
}

function whyUnknown({ operations, items }: EnvironmentState, operation: Operation): string {
  const { attempted, failure, lastSuccessAt } = operations[operation];
  if (!attempted) return `no credential reads ${operation}`;
  if (failure !== null) return `${operation} fails (${failure.reason})`;
  if (lastSuccessAt === null) return `${operation} was not read yet`;
  if (operation === 'list' && items?.lastFullRead?.truncated === true) return 'the list was not read to its end';
  return `${operation} was last read too long ago`;
}
