import { SEVERITIES, type Severity, type Thresholds } from './environment.ts';
import { RUNNING_STATES, type RunningState } from './work.ts';

/** One comparison that an alert makes: a number of the environment with a configured limit. */
interface ThresholdDefinition {
  readonly unit: 'seconds' | 'items' | 'workers' | 'acknowledgements';
  /** When the limit counts as exceeded, in the words of the alert's expression. */
  readonly exceeded: 'above' | 'at_or_above' | 'below';
  readonly limits: (thresholds: Thresholds) => readonly Limit[];
}

/** A configured limit. `Infinity` for an upper limit and 0 for `below` mean that it is off. */
export interface Limit {
  readonly severity: Severity;
  /** Only for limits per state. */
  readonly state: RunningState | null;
  readonly value: number;
}

/**
 * Every threshold, once: the threshold metrics and the `conditions` of the JSON come from this table, so that the page,
 * an autoscaler and Prometheus all compare with the same numbers (docs/decisions/README.md#5-the-exporter-judges-and-the-rules-ask).
 */
export const THRESHOLDS = {
  queue_age: {
    unit: 'seconds',
    exceeded: 'above',
    limits: (thresholds) => bySeverity(thresholds.queueAgeSeconds),
  },
  queue_depth: {
    unit: 'items',
    exceeded: 'above',
    limits: (thresholds) => bySeverity(thresholds.queueDepth),
  },
  stale_heartbeat_items: {
    unit: 'items',
    exceeded: 'at_or_above',
    limits: (thresholds) => bySeverity(thresholds.staleHeartbeatItems),
  },
  state_age: {
    unit: 'seconds',
    exceeded: 'above',
    limits: ({ stateAgeSeconds }) =>
      RUNNING_STATES.map((state) => ({ severity: 'warning', state, value: stateAgeSeconds[state] })),
  },
  session_wait: {
    unit: 'seconds',
    exceeded: 'above',
    limits: ({ sessionWaitSeconds }) => [{ severity: 'warning', state: null, value: sessionWaitSeconds }],
  },
  redeliveries: {
    unit: 'acknowledgements',
    exceeded: 'at_or_above',
    limits: ({ redeliveries }) => [{ severity: 'warning', state: null, value: redeliveries }],
  },
  min_workers: {
    unit: 'workers',
    exceeded: 'below',
    limits: ({ minWorkers }) => [{ severity: 'warning', state: null, value: minWorkers }],
  },
} as const satisfies Record<string, ThresholdDefinition>;

export type ThresholdName = keyof typeof THRESHOLDS;

/** The limits of one threshold in an environment's configuration. */
export function limitsOf(name: ThresholdName, thresholds: Thresholds): readonly Limit[] {
  return THRESHOLDS[name].limits(thresholds);
}

function bySeverity(values: Readonly<Record<Severity, number>>): readonly Limit[] {
  return SEVERITIES.map((severity) => ({ severity, state: null, value: values[severity] }));
}
