import { FAILURE_REASONS } from '../../../src/domain/failure.ts';
import type { ObservedMetricName } from '../../../src/metrics/catalogue.ts';
import { buildOperation, buildState, failingOperation, NOW } from '../../support/states.ts';
import { type Case, NOW_SECONDS, never, progressing, untried, withoutList } from './presence-case.ts';

const failing = buildState('env_1', {
  operations: {
    stats: buildOperation(),
    list: failingOperation('timeout', {
      backoffUntil: NOW + 60_000,
      requests: 9,
      failuresByReason: { ...buildOperation().failuresByReason, timeout: 2 },
    }),
  },
});

/** How the reads go. */
export const POLL_CASES = {
  anthropic_work_up: { present: [failing, ['operation=stats 1', 'operation=list 0']], absent: never },
  anthropic_work_last_success_timestamp_seconds: {
    present: [withoutList, [`operation=stats ${NOW_SECONDS - 5}`]],
    absent: { states: [untried] },
  },
  anthropic_work_last_poll_duration_seconds: {
    present: [failing, ['operation=stats 0.12', 'operation=list 0.12']],
    absent: { states: [untried] },
  },
  anthropic_work_backoff_until_timestamp_seconds: {
    present: [failing, [`operation=list ${NOW_SECONDS + 60}`]],
    absent: { states: [buildState()] },
  },
  anthropic_work_api_requests_total: {
    present: [progressing, ['operation=stats 4', 'operation=list 4', 'operation=session 7']],
    absent: never,
  },
  anthropic_work_api_request_failures_total: {
    present: [
      failing,
      ['stats', 'list'].flatMap((operation) =>
        FAILURE_REASONS.map((reason) => {
          const count = operation === 'list' && reason === 'timeout' ? 2 : 0;
          return `operation=${operation} reason=${reason} ${count}`;
        }),
      ),
    ],
    absent: never,
  },
} satisfies Partial<Record<ObservedMetricName, Case>>;
