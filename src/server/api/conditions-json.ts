import type { Condition, ConditionReport } from '../../conditions/condition.ts';
import type { ExceededThreshold } from './exceeded-threshold.ts';
import { jsonNumber, jsonTime } from './json-values.ts';

/** The conditions of one environment. */
export function conditionsOf(report: ConditionReport, environmentId: string): readonly Condition[] {
  return report.conditions.filter(({ subject }) => subject.kind === 'environment' && subject.id === environmentId);
}

/** Conditions of connections, and of the exporter with all its environments. */
export function wideConditions(report: ConditionReport): readonly Condition[] {
  return report.conditions.filter(({ subject }) => subject.kind !== 'environment');
}

/**
 * What the alerts say, then the thresholds that are exceeded without an alert: the next evaluation is still to come,
 * the alert checks more than the threshold, or it is silent because another alert names the cause.
 */
export function conditionsJson(conditions: readonly Condition[], exceeded: readonly ExceededThreshold[]) {
  const limits = new Map(exceeded.map((one) => [keyOf(one), one]));
  const told = new Set(conditions.map(keyOf));
  return [
    ...conditions.map((condition) => toldJson(condition, limits.get(keyOf(condition)) ?? null)),
    ...exceeded.filter((one) => !told.has(keyOf(one))).map(exceededJson),
  ];
}

function keyOf({ alert, severity }: Pick<Condition, 'alert' | 'severity'>): string {
  return `${alert} ${severity}`;
}

function toldJson(condition: Condition, exceeded: ExceededThreshold | null) {
  return {
    alert: condition.alert as string,
    severity: condition.severity as string,
    state: condition.phase as string,
    since: jsonTime(condition.since),
    fires_at: jsonTime(condition.firesAt),
    summary: condition.summary as string | null,
    remedy: condition.description as string | null,
    threshold: exceeded?.threshold ?? null,
    value: jsonNumber(exceeded?.value ?? condition.value),
    limit: jsonNumber(exceeded?.limit ?? null),
  };
}

function exceededJson({
  alert,
  severity,
  since,
  threshold,
  value,
  limit,
}: ExceededThreshold): ReturnType<typeof toldJson> {
  return {
    alert,
    severity,
    state: 'exceeded',
    since: jsonTime(since),
    fires_at: null,
    summary: null,
    remedy: null,
    threshold,
    value: jsonNumber(value),
    limit: jsonNumber(limit),
  };
}
