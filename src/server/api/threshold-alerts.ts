import type { EpochMs } from '../../base/clock.ts';
import type { Severity } from '../../domain/environment.ts';
import type { ThresholdName } from '../../domain/thresholds.ts';
import type { RunningState } from '../../domain/work.ts';
import type { AlertName } from '../../rules/parts/alert-names.ts';

/** A threshold that is exceeded now. The alert fires if it stays so for the alert's `for`. */
export interface ExceededThreshold {
  readonly threshold: ThresholdName;
  readonly severity: Severity;
  /** Only for limits per state. */
  readonly state: RunningState | null;
  readonly value: number;
  readonly limit: number;
  /** Since when, on the API's clock; null if the API's answers do not tell. */
  readonly since: EpochMs | null;
  readonly alert: AlertName;
}

/** The alert that makes the same comparison: docs/alerting.md#tune-an-environment. */
export const THRESHOLD_ALERTS: Readonly<Record<ThresholdName, AlertName>> = {
  queue_age: 'AnthropicWorkOldestItemTooOld',
  queue_depth: 'AnthropicWorkSaturated',
  stale_heartbeat_items: 'AnthropicWorkStaleHeartbeats',
  state_age: 'AnthropicWorkItemStuck',
  session_wait: 'AnthropicWorkSessionWaiting',
  redeliveries: 'AnthropicWorkRedeliveryLoop',
  min_workers: 'AnthropicWorkWorkersBelowMinimum',
};
