import { WireError } from '../../src/wire/read.ts';

export const NOON = Date.UTC(2026, 10, 24, 12);
export const AT = '2026-11-24T12:00:00.000250Z';

/** With the key `actor` that the service sends and nobody documents. */
export const WORK = {
  id: 'sesn_1',
  type: 'work',
  environment_id: 'env_1',
  data: { type: 'session', id: 'sesn_1' },
  state: 'active',
  metadata: { team: 'a' },
  secret: null,
  actor: null,
  created_at: AT,
  acknowledged_at: '2026-11-24T12:00:01Z',
  started_at: '2026-11-24T14:00:00.1+02:00',
  latest_heartbeat_at: '2026-11-24T12:00:02.123456789Z',
  stop_requested_at: null,
  stopped_at: null,
};

export const STATS = { type: 'work_queue_stats', depth: 3, pending: 1, oldest_queued_at: AT, workers_polling: 2 };

export const ENVIRONMENT = {
  id: 'env_1',
  type: 'environment',
  name: 'prod',
  description: null,
  config: { type: 'self_hosted' },
  metadata: {},
  created_at: AT,
  updated_at: AT,
  archived_at: null,
  scope: 'organization',
};

/** The place that a parser complains about. */
export function placeOf(parse: () => unknown): string {
  try {
    parse();
  } catch (error) {
    if (error instanceof WireError) return error.path;
    throw error;
  }
  return 'no error';
}
