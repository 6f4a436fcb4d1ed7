import type { Condition } from '../../../conditions/condition.ts';
import { sharedCause } from './shared-cause.ts';

/** Conditions of one alert with the same message: shown once, however many environments share it. */
export interface Cause {
  /** Unique, and the same when the page is refreshed, so that it can keep the focus. */
  readonly key: string;
  readonly first: Condition;
  readonly conditions: readonly Condition[];
  /** One line. */
  readonly text: string;
  /** Of the environment that the line names, if it names one. */
  readonly name: string | null;
}

/** The causes in the order of their first condition. Infos need nobody's attention. */
export function causesOf(conditions: readonly Condition[]): readonly Cause[] {
  const groups = new Map<string, Condition[]>();
  for (const condition of conditions) {
    if (condition.severity !== 'critical' && condition.severity !== 'warning') continue;
    const { alert, severity, phase, subject, labels } = condition;
    const subjectKey = subject.kind === 'environment' ? '' : JSON.stringify([subject, labels]);
    const key = `${alert} ${severity} ${phase} ${subjectKey} ${labels.told_by ?? ''}`;
    groups.set(key, [...(groups.get(key) ?? []), condition]);
  }
  const seen = new Map<string, number>();
  return [...groups.values()].map((group) => {
    const [{ alert, severity, subject }] = group as [Condition];
    const base = [alert, severity, ...(subject.kind === 'connection' ? [subject.name] : [])].join(' ');
    const before = seen.get(base) ?? 0;
    seen.set(base, before + 1);
    return { key: before === 0 ? base : `${base} ${before}`, first: group[0]!, conditions: group, ...wordsOf(group) };
  });
}

function wordsOf(group: readonly Condition[]): Pick<Cause, 'text' | 'name'> {
  const [{ alert, summary, subject }] = group as [Condition];
  if (group.length > 1) return { text: sharedCause(alert, group.length), name: null };
  return { text: summary, name: subject.kind === 'environment' ? subject.name : null };
}
