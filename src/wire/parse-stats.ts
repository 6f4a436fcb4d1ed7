import type { QueueStats } from '../domain/work.ts';
import type { Drift } from './drift.ts';
import { readCount, readObject, usableTimestamp } from './read-value.ts';

const FIELDS = new Set(['type', 'depth', 'pending', 'oldest_queued_at', 'workers_polling']);

/**
 * The answer of `work/stats`. A null stays null: the API does not know, which is not 0. A stamp of the oldest item that
 * cannot be read becomes null too, because the other three numbers are right without it. That counts as drift, and so
 * does a missing stamp while work waits.
 *
 * @throws WireError
 */
export function parseStats(body: unknown, drift: Drift): QueueStats {
  const stats = readObject(body, '');
  drift.fields('stats', stats, FIELDS);
  const workers = stats.workers_polling;
  const depth = readCount(stats.depth, 'depth');
  const pending = readCount(stats.pending, 'pending');
  const oldestQueuedAt = usableTimestamp(stats.oldest_queued_at);
  const given = stats.oldest_queued_at !== null && stats.oldest_queued_at !== undefined;
  if (oldestQueuedAt === null && (given || depth + pending > 0)) drift.value('field');
  return {
    depth,
    pending,
    oldestQueuedAt,
    workersPolling: workers === null || workers === undefined ? null : readCount(workers, 'workers_polling'),
  };
}
