import type { QueueStats } from '../domain/work.ts';
import type { Drift } from './drift.ts';
import { readCount, readObject, readTimestamp } from './read-value.ts';

const FIELDS = new Set(['type', 'depth', 'pending', 'oldest_queued_at', 'workers_polling']);

/**
 * The answer of `work/stats`. A null stays null: the API does not know, which is not 0.
 *
 * @throws WireError
 */
export function parseStats(body: unknown, drift: Drift): QueueStats {
  const stats = readObject(body, '');
  drift.fields('stats', stats, FIELDS);
  const workers = stats.workers_polling;
  return {
    depth: readCount(stats.depth, 'depth'),
    pending: readCount(stats.pending, 'pending'),
    oldestQueuedAt: readTimestamp(stats.oldest_queued_at, 'oldest_queued_at'),
    workersPolling: workers === null || workers === undefined ? null : readCount(workers, 'workers_polling'),
  };
}
