import type { Condition } from '../../conditions/condition.ts';
import { ALERTS } from '../../rules/alert-names.ts';
import { counted } from './human-text.ts';

/** Conditions of one alert with the same message: shown once, however many environments share it. */
export interface Cause {
  readonly first: Condition;
  readonly conditions: readonly Condition[];
  /** One line. */
  readonly text: string;
}

/** The causes in the order of their first condition. Infos need nobody's attention. */
export function causesOf(conditions: readonly Condition[]): readonly Cause[] {
  const groups = new Map<string, Condition[]>();
  for (const condition of conditions) {
    if (condition.severity !== 'critical' && condition.severity !== 'warning') continue;
    const { alert, severity, phase, subject, labels } = condition;
    const place = subject.kind === 'environment' ? '' : JSON.stringify([subject, labels]);
    const key = `${alert} ${severity} ${phase} ${place}`;
    groups.set(key, [...(groups.get(key) ?? []), condition]);
  }
  return [...groups.values()].map((group) => ({ first: group[0]!, conditions: group, text: textOf(group) }));
}

function textOf(group: readonly Condition[]): string {
  const [first] = group;
  if (group.length === 1) return first!.summary;
  return `${ALERTS[first!.alert].says.replace(/\.$/, '')}: ${counted(group.length)}`;
}

/** The names of the environments that share a cause, up to a limit. */
export function namesIn({ conditions }: Cause, most: number): string {
  const names = conditions.flatMap(({ subject }) => (subject.kind === 'environment' ? subject.name : []));
  const shown = names.slice(0, most).join(', ');
  return names.length > most ? `${shown} and ${names.length - most} more` : shown;
}
