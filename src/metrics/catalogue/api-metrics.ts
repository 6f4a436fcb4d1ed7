import { API_OPERATIONS } from '../../domain/environment.ts';
import type { MetricDefinition } from './metric-definition.ts';

const api = { type: 'gauge', group: 'polls', presence: 'known' } as const;
const probe = { type: 'gauge', group: 'polls', presence: 'probe', labels: [] } as const;

/** The API as this process sees it, across all environments. */
export const API_METRICS = {
  anthropic_work_api_request_duration_seconds: {
    ...api,
    type: 'histogram',
    presence: 'process',
    labels: ['operation'],
    values: { operation: API_OPERATIONS },
    unit: 'seconds',
    buckets: [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    help: "Time from sending a request to having read its answer, the exporter's own requests of all environments together.",
    source: 'Every request sent.',
  },
  anthropic_work_api_clock_skew_seconds: {
    ...api,
    labels: ['connection'],
    unit: 'seconds',
    help: "The API's clock minus the exporter's own.",
    source: 'The `Date` headers of answers over ten minutes.',
    absent: 'no usable answer came for ten minutes',
  },
  anthropic_work_api_budget_limit_requests_per_minute: {
    ...api,
    labels: ['connection'],
    help: 'Requests a minute that this process may send.',
    source: 'Configuration, `requests_per_minute`.',
  },
  anthropic_work_api_budget_requests_total: {
    ...api,
    type: 'counter',
    labels: ['connection'],
    help: 'Requests taken from the budget: polls, discovery, probes and retries.',
    source: 'Every request sent.',
  },
  anthropic_work_credential_rejected: {
    ...api,
    labels: ['connection', 'credential'],
    help: '1 while the API refuses the credential with 401 or 403 for any kind of read or any environment, 0 while it accepts it.',
    source: '`credential` is `api_key`, or the id of the environment whose key it is.',
  },
  anthropic_work_credential_expiry_timestamp_seconds: {
    ...api,
    labels: ['connection', 'credential'],
    unit: 'seconds',
    help: 'When the credential expires according to the configuration, Unix time.',
    source: 'Configuration, `expires` beside a key.',
    absent: 'no `expires` is configured',
  },
  anthropic_work_api_unknown_values_total: {
    ...api,
    type: 'counter',
    presence: 'process',
    labels: ['kind'],
    values: { kind: ['state', 'work_type', 'field'] },
    help: 'Values in answers of the API that this version of the exporter does not know.',
    source: 'Parsing of answers: a sign that the API has changed.',
  },
  anthropic_work_clamped_negative_durations_total: {
    ...api,
    type: 'counter',
    presence: 'process',
    labels: [],
    help: "Durations between the API's timestamps that came out negative and were counted as 0.",
    source: 'Waits, runs and stops: clocks that disagree.',
  },
  anthropic_work_discovery_up: {
    ...api,
    labels: ['connection'],
    help: "1 when the exporter's last discovery of environments succeeded, 0 until the first success and after a failure.",
    source: 'Discovery.',
    absent: 'discovery is off',
  },
  anthropic_work_discovery_last_success_timestamp_seconds: {
    ...api,
    labels: ['connection'],
    unit: 'seconds',
    help: "When the exporter's last good discovery of environments ended, Unix time.",
    source: 'Discovery.',
    absent: 'discovery is off',
  },
} as const satisfies Record<string, MetricDefinition>;

/** Written by `/probe` after the series of the environment, named as in blackbox_exporter. */
export const PROBE_METRICS = {
  probe_success: {
    ...probe,
    help: 'Whether the probe of the environment succeeded.',
    source: 'The reads behind the answer.',
  },
  probe_duration_seconds: {
    ...probe,
    unit: 'seconds',
    help: 'How long the probe of the environment took.',
    source: "The exporter's own clock.",
  },
} as const satisfies Record<string, MetricDefinition>;
