import { counted } from '../../../base/text.ts';
import { CONDITIONS } from '../../../diagnosis/conditions.ts';
import { type Condition, type DiagnosisReport, troubles } from '../../../diagnosis/report.ts';
import { capitalised } from './human-text.ts';
import type { Level } from './level.ts';

/** Conditions of one kind in one phase: shown once, however many environments have them. */
export interface Trouble {
  /** Unique, and the same when the page is refreshed, so that it can keep the focus. */
  readonly key: string;
  readonly first: Condition;
  readonly conditions: readonly Condition[];
  /** One line. */
  readonly text: string;
  /** Of the environment that the line names, if it names one. */
  readonly name: string | null;
}

/** The gravest first. What another condition explains stands with the environments alone. */
export function troublesOf(report: DiagnosisReport): readonly Trouble[] {
  const groups = Map.groupBy(
    troubles(report).filter(({ phase }) => phase !== 'explained'),
    (one) => `${kindOf(one)} ${one.phase}`,
  );
  const seen = new Map<string, number>();
  return [...groups.values()].map((conditions) => {
    const [first] = conditions as [Condition];
    const before = seen.get(kindOf(first)) ?? 0;
    seen.set(kindOf(first), before + 1);
    return {
      key: before === 0 ? kindOf(first) : `${kindOf(first)} ${before}`,
      first,
      conditions,
      text: conditions.length === 1 ? sentenceOf(first) : `${summaryOf(first)}: ${counted(conditions.length)}`,
      name: conditions.length === 1 && first.subject.kind === 'environment' ? first.subject.name : null,
    };
  });
}

function kindOf({ name, severity, subject }: Condition): string {
  return subject.kind === 'connection' ? `${name} ${severity} ${subject.name}` : `${name} ${severity}`;
}

/** Without whom it is about. */
export function summaryOf({ name }: Pick<Condition, 'name'>): string {
  return capitalised(CONDITIONS[name].summary);
}

function sentenceOf({ name, subject }: Condition): string {
  const { summary } = CONDITIONS[name];
  return subject.kind === 'environment' ? `${subject.name}: ${summary}` : `${summary} (connection ${subject.name})`;
}

/** Whether its alert fires: on /metrics it is 1. */
export function isFiring({ phase }: Pick<Condition, 'phase'>): boolean {
  return phase === 'holds' || phase === 'ending';
}

/** What is explained asks for nothing by itself. */
export function levelOfCondition(condition: Pick<Condition, 'phase' | 'severity'>): Level {
  if (isFiring(condition)) return condition.severity;
  return condition.phase === 'pending' ? 'pending' : 'notice';
}

/** Each cause with what it explains behind it. Of what is explained in two severities, the graver says all. */
export function causesFirst(conditions: readonly Condition[]): readonly Condition[] {
  const causes = conditions.filter(({ phase }) => phase !== 'explained');
  const explained = conditions.filter(
    (one, index) => one.phase === 'explained' && conditions.findIndex(({ name }) => name === one.name) === index,
  );
  const isOf = (one: Condition, cause: Condition) =>
    one.explainedBy?.name === cause.name && one.explainedBy.severity === cause.severity;
  const ofOthers = explained.filter((one) => !causes.some((cause) => isOf(one, cause)));
  return [...causes.flatMap((cause) => [cause, ...explained.filter((one) => isOf(one, cause))]), ...ofOthers];
}
