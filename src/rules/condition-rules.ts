import {
  alertOf,
  CONDITION_NAMES,
  CONDITIONS,
  type ConditionDefinition,
  type ConditionName,
} from '../diagnosis/conditions.ts';
import { SEVERITIES } from '../domain/environment.ts';
import { annotations } from './annotations.ts';
import type { AlertingRule, RecordingRule, RuleOptions } from './rule.ts';

type Subject = ConditionDefinition['subject'];

/** The metric about each kind of subject, and the labels that name one. */
const METRICS = {
  environment: { metric: 'anthropic_work_condition', labels: 'environment_id, environment_name' },
  connection: { metric: 'anthropic_work_connection_condition', labels: 'connection' },
} as const;

const SUBJECTS = Object.keys(METRICS) as readonly Subject[];

/** The share of replicas that say so; what nobody says is not recorded, so that a healthy fleet has no series. */
export const condition = (subject: Subject): string => `${METRICS[subject].metric}:avg`;
const now = (subject: Subject) => `${METRICS[subject].metric}:now`;
const last = (subject: Subject) => `${METRICS[subject].metric}:last30m`;
/** An environment may have got another name since: its id tells that it is the same. */
const on = (subject: Subject) => (subject === 'environment' ? ' on (job, environment_id, condition, severity)' : '');
const REPLICAS = 'anthropic_work_exporter:replicas';
const GONE = 'anthropic_work_exporter:gone';
const said = (window: string) => `last_over_time(anthropic_work_exporter_shard_info[${window}])`;

/**
 * What holds: what the replicas said last, looked up every two minutes, and what is new since then. To look up every 0 of 1,000
 * environments each time would cost Prometheus ten times as much as all other rules.
 */
export function conditions(): readonly RecordingRule[] {
  return [
    recording(
      REPLICAS,
      `max by (job) (count by (job, shard) (${said('3m')}))`,
      'How many replicas watch the same environments.',
    ),
    ...SUBJECTS.flatMap((subject, index) => [
      recording(
        now(subject),
        `count by (${labelsOf(subject)}) (last_over_time(${METRICS[subject].metric}_since_timestamp_seconds[70s])) / on (job) group_left () ${REPLICAS}`,
        index === 0 ? 'The share of replicas that say 1 now; a lost scrape does not matter.' : null,
      ),
      recording(
        condition(subject),
        `${now(subject)} == 1 or${on(subject)} ${last(subject)} or${on(subject)} ${now(subject)}`,
        index === 0
          ? 'What all say now; else what they said last (below, in the slow group), and what is new since then.'
          : null,
      ),
    ]),
  ];
}

/** What the replicas said last within half an hour, so that neither a restart nor an exporter that is away ends anything. */
export function lastConditions(): readonly RecordingRule[] {
  return [
    recording(
      GONE,
      `${said('30m')} unless on (job, instance) ${said('6m')} and on (job) ${REPLICAS}`,
      'Replicas that have been away for six minutes, while others are there: what they said last counts no more.',
    ),
    ...SUBJECTS.map((subject, index) =>
      recording(
        last(subject),
        `avg by (${labelsOf(subject)}) (last_over_time(${METRICS[subject].metric}[30m]) unless on (job, instance) ${GONE}) > 0`,
        index === 0 ? 'The share of replicas that said 1 last.' : null,
      ),
    ),
  ];
}

/** An alert for each severity of each condition, in the order of their table. */
export function conditionAlerts(options: RuleOptions): readonly AlertingRule[] {
  return CONDITION_NAMES.flatMap((name) => alertsOf(name, CONDITIONS[name], options));
}

function alertsOf(name: ConditionName, definition: ConditionDefinition, options: RuleOptions): AlertingRule[] {
  const { subject, severities, replicas, summary, description, meaning, starter } = definition;
  const subjectName =
    subject === 'environment' ? '{{ $labels.environment_name }}' : 'Connection {{ $labels.connection }}';
  const used = SEVERITIES.filter((severity) => severities[severity] !== undefined);
  return used.map((severity, index) => ({
    alert: alertOf(name),
    expr: `${condition(subject)}{condition="${name}",severity="${severity}"} ${replicas === 'any' ? '> 0' : '== 1'}`,
    labels: { severity },
    annotations: annotations(alertOf(name), { summary: `${subjectName}: ${summary}`, description }, options),
    comment: index === 0 ? meaning : null,
    isStarter: starter === true,
  }));
}

function recording(record: string, expr: string, comment: string | null): RecordingRule {
  return { record, expr, comment, isStarter: true };
}

function labelsOf(subject: Subject): string {
  return `job, ${METRICS[subject].labels}, condition, severity`;
}
