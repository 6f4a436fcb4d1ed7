import { CONDITION_NAMES, subjectOf } from '../diagnosis/conditions.ts';
import type { Condition, DiagnosisReport } from '../diagnosis/report.ts';
import { SEVERITIES } from '../domain/environment.ts';
import type { Format } from './format.ts';
import { ANY, ENVIRONMENT_LABELS, type MetricDefinition } from './metric.ts';
import { familyText, labelText, sampleText } from './text.ts';

type Subject = Condition['subject']['kind'];

/** A metric of each condition, with the function that measures one; null is absent. */
interface ConditionMetric extends MetricDefinition {
  readonly subject: Subject;
  readonly measure: (condition: Condition) => number | null;
}

const conditionsOf = (subject: Subject) => CONDITION_NAMES.filter((name) => subjectOf(name) === subject);
const metric = { type: 'gauge', group: 'conditions', presence: 'judged' } as const;
const ofEnvironment = {
  ...metric,
  subject: 'environment',
  labels: { ...ENVIRONMENT_LABELS, condition: conditionsOf('environment'), severity: SEVERITIES },
} as const;
const ofConnection = {
  ...metric,
  subject: 'connection',
  labels: { connection: ANY, condition: conditionsOf('connection'), severity: SEVERITIES },
} as const;
const present = { measure: ({ value }: Condition) => value };
const since = {
  absent: 'the condition does not hold',
  measure: ({ value, holdsFrom }: Condition) =>
    value === 1 && holdsFrom !== null ? Math.round(holdsFrom) / 1000 : null,
};
const recent = {
  absent: 'the condition has been 0 for more than 35 minutes',
  measure: ({ value, isRecent }: Condition) => (isRecent ? value : null),
};

/** What is wrong, as the alerts, the page and the JSON say it. */
export const CONDITION_METRICS = {
  anthropic_work_condition: {
    ...ofEnvironment,
    ...present,
    help: '1 while a condition of the environment holds, has lasted, and nothing graver explains it, else 0.',
  },
  anthropic_work_condition_since_timestamp_seconds: {
    ...ofEnvironment,
    ...since,
    help: 'Since when the condition of the environment is 1, Unix time by the clock of the exporter.',
  },
  anthropic_work_condition_recent: {
    ...ofEnvironment,
    ...recent,
    help: 'The same as anthropic_work_condition while it is 1, and for 35 minutes after it has become 0.',
  },
  anthropic_work_connection_condition: {
    ...ofConnection,
    ...present,
    help: '1 while a condition of the connection holds, has lasted, and nothing graver explains it, else 0.',
  },
  anthropic_work_connection_condition_since_timestamp_seconds: {
    ...ofConnection,
    ...since,
    help: 'Since when the condition of the connection is 1, Unix time by the clock of the exporter.',
  },
  anthropic_work_connection_condition_recent: {
    ...ofConnection,
    ...recent,
    help: 'The same as anthropic_work_connection_condition while it is 1, and for 35 minutes after it has become 0.',
  },
} as const satisfies Record<string, ConditionMetric>;

/** In the order of the report: of its subjects, and of the table of conditions. */
export function conditionText({ environments, connections }: DiagnosisReport, format: Format): string {
  const labelled = (subjects: ReadonlyMap<string, readonly Condition[]>) =>
    [...subjects.values()].flatMap((conditions) =>
      conditions.map((condition) => ({ condition, labels: labelsOf(condition) })),
    );
  const bySubject = { environment: labelled(environments), connection: labelled(connections) };
  return Object.entries<ConditionMetric>(CONDITION_METRICS)
    .map(([name, definition]) => {
      let lines = '';
      for (const { condition, labels } of bySubject[definition.subject]) {
        const value = definition.measure(condition);
        if (value !== null) lines += sampleText(name, labels, value);
      }
      return familyText(name, definition, lines, format);
    })
    .join('');
}

function labelsOf({ subject, name, severity }: Condition): string {
  const own =
    subject.kind === 'connection'
      ? labelText(['connection'], [subject.name])
      : labelText(Object.keys(ENVIRONMENT_LABELS), [subject.id, subject.name]);
  return `${own},condition="${name}",severity="${severity}"`;
}
