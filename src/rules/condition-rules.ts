import { alertOf, CONDITION_NAMES, CONDITIONS, type ConditionName, subjectOf } from '../diagnosis/conditions.ts';
import { SEVERITIES, type Severity } from '../domain/environment.ts';
import { type AlertingRule, annotations, type RecordingRule, type RuleOptions } from './rule.ts';

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
const NEW = 'anthropic_work_exporter:new';
const said = (window: string) => `last_over_time(anthropic_work_exporter_shard_info[${window}])`;

/**
 * What holds: what the replicas said last within half an hour, so that neither a restart nor an exporter that is away ends
 * anything. They read only what is 1 or has lately become 0: to look up every 0 of 1,000 environments would cost
 * Prometheus ten times as much as all other rules.
 */
export function conditions(): readonly RecordingRule[] {
  return [
    { record: HERE, expr: said('3m'), comment: 'Replicas; a lost scrape does not matter.' },
    {
      record: JUDGES,
      expr: `${HERE} and ${HERE} offset 10m or ${HERE} unless on (job) (${HERE} offset 10m)`,
      comment: 'Those whose word is needed: a new one may know nothing for ten minutes.',
    },
    {
      record: REPLICAS,
      expr: `max by (job) (count by (job, shard) (${JUDGES})) or last_over_time(${REPLICAS}[30m])`,
      comment: 'How many judge the same environments, or did before all went away.',
    },
    {
      record: GONE,
      expr: `${said('30m')} unless on (job, instance) ${said('7m')} and on (job) ${HERE}`,
      comment:
        'Replicas that have been away for seven minutes, while others are there: what they said last counts no more.',
    },
    {
      record: NEW,
      expr: `${HERE} unless on (job, instance) ${JUDGES} and on (job, shard) ${JUDGES}`,
      comment: 'Replicas that are new beside one that judges: what they say does not count yet.',
    },
    ...SUBJECTS.flatMap((subject, index) => [
      {
        record: told(subject),
        expr: `last_over_time(${METRICS[subject].metric}_recent[30m]) == 1 unless on (job, instance) ${GONE} unless on (job, instance) ${NEW}`,
        ...(index === 0 && { comment: 'What each of them said last, if that was 1.' }),
      },
      {
        record: condition(subject),
        expr: `count by (job, ${METRICS[subject].labels}, condition, severity) (${told(subject)}) / on (job) group_left () ${REPLICAS}`,
        ...(index === 0 && { comment: 'The share of them that say so.' }),
      },
    ]),
  ].map((rule) => ({ ...rule, starter: true }));
}

/** An alert for each severity of each condition, in the order of their table. */
export function conditionAlerts(options: RuleOptions): readonly AlertingRule[] {
  return CONDITION_NAMES.flatMap((name) =>
    SEVERITIES.filter((severity) => severity in CONDITIONS[name].severities).map((severity) =>
      alertAbout(name, severity, options),
    ),
  );
}

function alertAbout(name: ConditionName, severity: Severity, options: RuleOptions): AlertingRule {
  const { summary, description, rules: { board = 'environment', replicas, starter = false } = {} } = CONDITIONS[name];
  const subject = subjectOf(name);
  const isOfEnvironment = subject === 'environment';
  const whose = isOfEnvironment ? '{{ $labels.environment_name }}' : 'Connection {{ $labels.connection }}';
  const alert = alertOf(name);
  return {
    alert,
    expr: `${condition(subject)}{condition="${name}",severity="${severity}"} ${replicas === 'all' ? '>= 1' : '> 0'}`,
    labels: { severity },
    annotations: annotations(
      alert,
      { summary: `${whose}: ${summary}`, description },
      { board, isOfEnvironment },
      options,
    ),
    starter,
  };
}
