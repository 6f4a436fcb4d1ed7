import { SESSION_STATUSES, WAIT_REASONS } from '../../domain/work.ts';
import { ENVIRONMENT_LABELS as E, type MetricDefinition } from './metric-definition.ts';

const progress = { type: 'gauge', group: 'progress' } as const;
const ofSessions = {
  ...progress,
  presence: 'sessions',
  absent: 'long runs are live and none of their sessions could be read',
} as const;

/** Whether running work makes progress: the sessions of long runs, and items that come back. */
export const PROGRESS_METRICS = {
  anthropic_work_session_attempted: {
    ...progress,
    presence: 'watched',
    labels: [...E],
    help: '1 when the exporter reads the sessions of long runs: it is switched on, has a credential, and the service offers them; else 0.',
    source: 'Configuration, and what the service answered; `sessions` switches it off.',
  },
  anthropic_work_session_items: {
    ...ofSessions,
    labels: [...E, 'status'],
    values: { status: SESSION_STATUSES },
    help: "Live items whose run is older than `sessions.after`, by the status of their session, as of the exporter's own last read of each.",
    source:
      '`status` of the session, read at most every `sessions.interval`; items whose session was not read yet have no status.',
  },
  anthropic_work_session_waiting_items: {
    ...ofSessions,
    labels: [...E, 'reason'],
    values: { reason: WAIT_REASONS },
    help: "Items whose session is idle and says why, by reason, as of the exporter's own last read of each.",
    source: '`stop_reason.type` of the last `session.status_idle` event.',
  },
  anthropic_work_session_oldest_wait_timestamp_seconds: {
    ...ofSessions,
    labels: [...E, 'reason'],
    values: { reason: WAIT_REASONS },
    unit: 'seconds',
    help: "When the session that has been idle for longest became idle, Unix time by the API's clock, as of the exporter's own last read.",
    source: '`processed_at` of the last `session.status_idle` event, uncorrected.',
    absent: 'no session of a long run is idle for that reason',
  },
  anthropic_work_item_deliveries_max: {
    ...progress,
    presence: 'list',
    labels: [...E],
    help: "Most acknowledgements that a live item had since its last stop, as of the exporter's own last poll of the list; 1 is normal.",
    source: 'The list: acknowledgements after a lapse that a read showed; 0 when no live item was acknowledged.',
  },
  anthropic_work_redelivered_items: {
    ...progress,
    presence: 'list',
    labels: [...E],
    help: "Live items that were acknowledged again after a lapse at least `thresholds.redeliveries` times, as of the exporter's own last poll of the list.",
    source: 'The list, compared with configuration, `thresholds.redeliveries`.',
  },
} as const satisfies Record<string, MetricDefinition>;
