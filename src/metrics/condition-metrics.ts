import { CONDITION_NAMES, subjectOf } from '../diagnosis/conditions.ts';
import type { Condition, DiagnosisReport } from '../diagnosis/report.ts';
import { SEVERITIES } from '../domain/environment.ts';
import type { Format } from './format.ts';
import { ANY, ENVIRONMENT_LABELS, type MetricDefinition } from './metric.ts';
import { familyText, labelText, sampleText } from './text.ts';

const namesOf = (subject: 'environment' | 'connection') =>
  CONDITION_NAMES.filter((name) => subjectOf(name) === subject);
const condition = {
  type: 'gauge',
  group: 'conditions',
  presence: 'judged',
} as const;
const since = { ...condition, absent: 'the condition does not hold' } as const;
const recent = { ...condition, absent: 'the condition has been 0 for more than 35 minutes' } as const;
const ofEnvironment = {
  labels: { ...ENVIRONMENT_LABELS, condition: namesOf('environment'), severity: SEVERITIES },
} as const;
const ofConnection = {
  labels: { connection: ANY, condition: namesOf('connection'), severity: SEVERITIES },
} as const;

/** What is wrong, as the alerts, the page and the JSON say it. */
export const CONDITION_METRICS = {
  anthropic_work_condition: {
    ...condition,
    ...ofEnvironment,
    help: '1 while a condition of the environment holds, has lasted, and nothing graver explains it, else 0.',
  },
  anthropic_work_condition_since_timestamp_seconds: {
    ...since,
    ...ofEnvironment,
    help: 'Since when the condition of the environment is 1, Unix time by the clock of the exporter.',
  },
  anthropic_work_condition_recent: {
    ...recent,
    ...ofEnvironment,
    help: 'The same as anthropic_work_condition while it is 1, and for 35 minutes after it has become 0.',
  },
  anthropic_work_connection_condition: {
    ...condition,
    ...ofConnection,
    help: '1 while a condition of the connection holds, has lasted, and nothing graver explains it, else 0.',
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

/** In the order of the report: of its subjects, and of the table of conditions. */
export function conditionText({ environments, connections }: DiagnosisReport, format: Format): string {
  return (
    familiesOf('anthropic_work_condition', environments, format) +
    familiesOf('anthropic_work_connection_condition', connections, format)
  );
}

function familiesOf(
  name: 'anthropic_work_condition' | 'anthropic_work_connection_condition',
  subjects: ReadonlyMap<string, readonly Condition[]>,
  format: Format,
): string {
  const stampName = `${name}_since_timestamp_seconds` as const;
  const recentName = `${name}_recent` as const;
  let [values, stamps, recents] = ['', '', ''];
  for (const conditions of subjects.values()) {
    const lead = conditions[0] === undefined ? '' : subjectLabels(conditions[0].subject);
    for (const { name: kind, severity, value, holdsFrom, isRecent } of conditions) {
      if (value === null) continue;
      const labels = `${lead},condition="${kind}",severity="${severity}"`;
      values += sampleText(name, labels, value);
      if (isRecent) recents += sampleText(recentName, labels, value);
      if (value === 1 && holdsFrom !== null) stamps += sampleText(stampName, labels, Math.round(holdsFrom) / 1000);
    }
  }
  return [[name, values] as const, [stampName, stamps] as const, [recentName, recents] as const]
    .map(([one, lines]) => familyText(one, CONDITION_METRICS[one], lines, format))
    .join('');
}

function subjectLabels(subject: Condition['subject']): string {
  return subject.kind === 'connection'
    ? labelText(['connection'], [subject.name])
    : labelText(Object.keys(ENVIRONMENT_LABELS), [subject.id, subject.name]);
}
