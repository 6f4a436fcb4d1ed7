import type { Condition } from '../../../conditions/condition.ts';
import { sharedCause } from './shared-cause.ts';

/** Conditions of one alert with the same message: shown once, however many environments share it. */
export interface Cause {
  /** Of its own, and the same at the next look, so that the page can keep the focus in it. */
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
    const place = subject.kind === 'environment' ? '' : JSON.stringify([subject, labels]);
    const key = `${alert} ${severity} ${phase} ${place} ${labels.told_by ?? ''}`;
    groups.set(key, [...(groups.get(key) ?? []), condition]);
  }
  const seen = new Map<string, number>();
  return [...groups.values()].map((group) => {
    const [{ alert, severity, subject }] = group as [Condition];
    const what = [alert, severity, ...(subject.kind === 'connection' ? [subject.name] : [])].join(' ');
    const before = seen.get(what) ?? 0;
    seen.set(what, before + 1);
    return { key: before === 0 ? what : `${what} ${before}`, first: group[0]!, conditions: group, ...wordsOf(group) };
  });
}

function wordsOf(group: readonly Condition[]): Pick<Cause, 'text' | 'name'> {
  const [{ alert, summary, subject }] = group as [Condition];
  if (group.length > 1) return { text: sharedCause(alert, group.length), name: null };
  return { text: summary, name: subject.kind === 'environment' ? subject.name : null };
}
