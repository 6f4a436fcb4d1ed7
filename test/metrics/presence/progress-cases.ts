import type { ObservedMetricName } from '../../../src/metrics/catalogue.ts';
import { busy, type Case, NOW_SECONDS, never, progressing, stale } from './presence-case.ts';

const withoutSessions = { ...progressing, sessions: { ...progressing.sessions!, attempted: false } };
const noSessions = { states: [busy, withoutSessions] };

/** Whether sessions get on. */
export const PROGRESS_CASES = {
  anthropic_work_session_attempted: { present: [progressing, ['1']], absent: never },
  anthropic_work_session_items: {
    present: [
      progressing,
      ['status=running 1', 'status=rescheduling 0', 'status=idle 3', 'status=terminated 0', 'status=other 0'],
    ],
    absent: noSessions,
  },
  anthropic_work_session_waiting_items: {
    present: [
      progressing,
      ['reason=requires_action 2', 'reason=end_turn 1', 'reason=retries_exhausted 0', 'reason=other 0'],
    ],
    absent: noSessions,
  },
  anthropic_work_session_oldest_wait_timestamp_seconds: {
    present: [progressing, [`reason=requires_action ${NOW_SECONDS - 3000}`, `reason=end_turn ${NOW_SECONDS - 20}`]],
    absent: noSessions,
  },
  anthropic_work_item_deliveries_max: { present: [progressing, ['5']], absent: stale },
  anthropic_work_redelivered_items: { present: [progressing, ['1']], absent: stale },
} satisfies Partial<Record<ObservedMetricName, Case>>;
