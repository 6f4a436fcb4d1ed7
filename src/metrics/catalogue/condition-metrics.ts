import { CONDITION_NAMES, subjectOf } from '../../diagnosis/conditions.ts';
import { SEVERITIES } from '../../domain/environment.ts';
import { ENVIRONMENT_LABELS as E, type MetricDefinition } from './metric-definition.ts';

const namesOf = (subject: 'environment' | 'connection') =>
  CONDITION_NAMES.filter((name) => subjectOf(name) === subject);
const condition = {
  type: 'gauge',
  group: 'conditions',
  presence: 'judged',
  source: 'The diagnosis, each 15 s.',
} as const;
const since = { ...condition, unit: 'seconds', absent: 'the condition does not hold' } as const;
const recent = { ...condition, absent: 'the condition has been 0 for more than 35 minutes' } as const;
const ofEnvironment = {
  labels: [...E, 'condition', 'severity'],
  values: { condition: namesOf('environment'), severity: SEVERITIES },
} as const;
const ofConnection = {
  labels: ['connection', 'condition', 'severity'],
  values: { condition: namesOf('connection'), severity: SEVERITIES },
} as const;

/** What is wrong, as the alerts, the page and the JSON say it. */
export const CONDITION_METRICS = {
  anthropic_work_condition: {
    ...condition,
    ...ofEnvironment,
    help: '1 while a condition of the environment holds, has lasted, and nothing graver explains it; 0 when it was judged and is not so.',
  },
  anthropic_work_condition_since_timestamp_seconds: {
    ...since,
    ...ofEnvironment,
    help: 'Since when the condition of the environment is 1, Unix time by the clock of the exporter.',
  },
  anthropic_work_condition_recent: {
    ...recent,
    ...ofEnvironment,
    help: 'The same as anthropic_work_condition while it is 1, and for 35 minutes after it has become 0: few series, for rules that look back.',
  },
  anthropic_work_connection_condition: {
    ...condition,
    ...ofConnection,
    help: '1 while a condition of the connection holds, has lasted, and nothing graver explains it; 0 when it was judged and is not so.',
  },
  anthropic_work_connection_condition_since_timestamp_seconds: {
    ...since,
    ...ofConnection,
    help: 'Since when the condition of the connection is 1, Unix time by the clock of the exporter.',
  },
  anthropic_work_connection_condition_recent: {
    ...recent,
    ...ofConnection,
    help: 'The same as anthropic_work_connection_condition while it is 1, and for 35 minutes after it has become 0.',
  },
} as const satisfies Record<string, MetricDefinition>;
