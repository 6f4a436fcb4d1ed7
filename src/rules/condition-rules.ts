import {
  alertOf,
  CONDITION_NAMES,
  CONDITIONS,
  type ConditionDefinition,
  type ConditionName,
  subjectOf,
} from '../diagnosis/conditions.ts';
import { SEVERITIES } from '../domain/environment.ts';
import { annotations } from './annotations.ts';
import type { AlertingRule, RecordingRule, RuleOptions } from './rule.ts';

type Subject = keyof typeof METRICS;

/** The metric about each kind of subject, and the labels that name one. */
const METRICS = {
  environment: { metric: 'anthropic_work_condition', labels: 'environment_id, environment_name' },
  connection: { metric: 'anthropic_work_connection_condition', labels: 'connection' },
} as const;

const SUBJECTS = Object.keys(METRICS) as readonly Subject[];

/** The share of replicas that say so; what nobody says is not recorded, so that a healthy fleet has no series. */
export const condition = (subject: Subject): string => `${METRICS[subject].metric}:avg`;
const told = (subject: Subject) => `${METRICS[subject].metric}:told`;
const HERE = 'anthropic_work_exporter:here';
const JUDGES = 'anthropic_work_exporter:judges';
const REPLICAS = 'anthropic_work_exporter:replicas';
const GONE = 'anthropic_work_exporter:gone';
const said = (window: string) => `last_over_time(anthropic_work_exporter_shard_info[${window}])`;
const count = 'count by (job, shard)';

/**
 * What holds: what the replicas said last within half an hour, so that neither a restart nor an exporter that is away ends
 * anything. They read only what is 1 or has lately become 0: to look up every 0 of 1,000 environments would cost
 * Prometheus ten times as much as all other rules.
 */
export function conditions(): readonly RecordingRule[] {
  return [
    recording(HERE, said('3m'), 'Replicas; a lost scrape does not matter.'),
    recording(
      JUDGES,
      `${HERE} and ${HERE} offset 10m or ${HERE} unless on (job) (${HERE} offset 10m)`,
      'Those whose word is needed: a new one may know nothing for ten minutes.',
    ),
    recording(
      REPLICAS,
      `max by (job) (${count} (${JUDGES}) or ${count} (last_over_time(${JUDGES}[30m])))`,
      'How many judge the same environments, or did before all went away.',
    ),
    recording(
      GONE,
      `${said('30m')} unless on (job, instance) ${said('6m')} and on (job) ${HERE}`,
      'Replicas that have been away for six minutes, while others are there: what they said last counts no more.',
    ),
    ...SUBJECTS.flatMap((subject, index) => [
      recording(
        told(subject),
        `last_over_time(${METRICS[subject].metric}_recent[30m]) == 1 unless on (job, instance) ${GONE}`,
        index === 0 ? 'What each of them said last, if that was 1.' : null,
      ),
      recording(
        condition(subject),
        `count by (${labelsOf(subject)}) (${told(subject)}) / on (job) group_left () ${REPLICAS}`,
        index === 0 ? 'The share of them that say so.' : null,
      ),
    ]),
  ];
}

/** An alert for each severity of each condition, in the order of their table. */
export function conditionAlerts(options: RuleOptions): readonly AlertingRule[] {
  return CONDITION_NAMES.flatMap((name) => alertsOf(name, CONDITIONS[name], options));
}

function alertsOf(name: ConditionName, definition: ConditionDefinition, options: RuleOptions): AlertingRule[] {
  const { severities, replicas, summary, description, starter } = definition;
  const subject = subjectOf(name);
  const subjectName =
    subject === 'environment' ? '{{ $labels.environment_name }}' : 'Connection {{ $labels.connection }}';
  const used = SEVERITIES.filter((severity) => severities[severity] !== undefined);
  return used.map((severity) => ({
    alert: alertOf(name),
    expr: `${condition(subject)}{condition="${name}",severity="${severity}"} ${replicas === 'all' ? '>= 1' : '> 0'}`,
    labels: { severity },
    annotations: annotations(alertOf(name), { summary: `${subjectName}: ${summary}`, description }, options),
    comment: null,
    isStarter: starter === true,
  }));
}

function recording(record: string, expr: string, comment: string | null): RecordingRule {
  return { record, expr, comment, isStarter: true };
}

function labelsOf(subject: Subject): string {
  return `job, ${METRICS[subject].labels}, condition, severity`;
}
