import { CONDITION_NAMES, subjectOf } from '../diagnosis/conditions.ts';
import type { Condition, DiagnosisReport } from '../diagnosis/report.ts';
import { SEVERITIES } from '../domain/environment.ts';
import type { Format } from './format.ts';
import { ANY, ENVIRONMENT_LABELS, type MetricDefinition } from './metric.ts';
import { labelText, type Pieces, sampleText } from './text.ts';

type Subject = Condition['subject']['kind'];

/** A metric of each condition of a subject, with the function that measures one; null is absent. */
interface ConditionMetric extends MetricDefinition {
  readonly subject: Subject;
  readonly measure: (condition: Condition) => number | null;
}

/** What is wrong, as the alerts, the page and the JSON say it. */
export const CONDITION_METRICS = {
  anthropic_work_condition: present('environment'),
  anthropic_work_condition_since_timestamp_seconds: since('environment'),
  anthropic_work_condition_recent: recent('environment', 'anthropic_work_condition'),
  anthropic_work_connection_condition: present('connection'),
  anthropic_work_connection_condition_since_timestamp_seconds: since('connection'),
  anthropic_work_connection_condition_recent: recent('connection', 'anthropic_work_connection_condition'),
} as const;

function ofSubject(subject: Subject) {
  const condition = CONDITION_NAMES.filter((name) => subjectOf(name) === subject);
  const own = subject === 'environment' ? ENVIRONMENT_LABELS : { connection: ANY };
  const labels = { ...own, condition, severity: SEVERITIES };
  return { type: 'gauge', group: 'conditions', presence: 'judged', subject, labels } as const;
}

function present(subject: Subject): ConditionMetric {
  const help = `1 while a condition of the ${subject} holds, has lasted, and nothing graver explains it, else 0.`;
  return { ...ofSubject(subject), help, measure: ({ value }) => value };
}

function since(subject: Subject): ConditionMetric {
  return {
    ...ofSubject(subject),
    help: `Since when the condition of the ${subject} is 1, Unix time by the clock of the exporter.`,
    absent: 'the condition does not hold',
    measure: ({ value, holdsFrom }) => (value === 1 && holdsFrom !== null ? Math.round(holdsFrom) / 1000 : null),
  };
}

function recent(subject: Subject, name: string): ConditionMetric {
  return {
    ...ofSubject(subject),
    help: `The same as ${name} while it is 1, and for 35 minutes after it has become 0.`,
    absent: 'the condition has been 0 for more than 35 minutes',
    measure: ({ value, isRecent }) => (isRecent ? value : null),
  };
}

/** In the order of the report: of its subjects, and of the table of conditions. */
export function writeConditions(pieces: Pieces, { environments, connections }: DiagnosisReport, format: Format): void {
  for (const [name, definition] of Object.entries(CONDITION_METRICS)) {
    const subjects = definition.subject === 'environment' ? environments : connections;
    pieces.addFamily(name, definition, linesOf(name, definition, subjects.values()), format);
  }
}

/** The text of each subject. */
function* linesOf(name: string, { measure }: ConditionMetric, subjects: Iterable<readonly Condition[]>) {
  for (const conditions of subjects) {
    let lines = '';
    let lead: string | null = null;
    for (const condition of conditions) {
      const value = measure(condition);
      if (value === null) continue;
      lead ??= leadOf(condition);
      lines += sampleText(name, `${lead},condition="${condition.name}",severity="${condition.severity}"`, value);
    }
    yield lines;
  }
}

/** The labels of its subject. */
function leadOf({ subject }: Condition): string {
  if (subject.kind === 'connection') return labelText(['connection'], [subject.name]);
  return labelText(ENVIRONMENT_NAMES, [subject.id, subject.name]);
}

const ENVIRONMENT_NAMES = Object.keys(ENVIRONMENT_LABELS);
