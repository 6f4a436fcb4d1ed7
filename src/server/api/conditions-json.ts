import type { Condition, ConditionReport } from '../../conditions/condition.ts';
import { jsonNumber, jsonTime } from './json-values.ts';
import type { ExceededThreshold } from './threshold-alerts.ts';

/** The conditions of one environment. */
export function conditionsOf(report: ConditionReport, environmentId: string): readonly Condition[] {
  return report.conditions.filter(({ subject }) => subject.kind === 'environment' && subject.id === environmentId);
}

/**
 * What the alerts say, then the thresholds that are exceeded without an alert: the next evaluation is still to come,
 * the alert checks more than the threshold, or it is silent because another alert names the cause.
 */
export function conditionsJson(
  conditions: readonly Condition[],
  exceeded: readonly ExceededThreshold[],
  environmentId: string,
) {
  const limits = new Map(exceeded.map((one) => [keyOf(one), one]));
  const alerting = new Set(conditions.map(keyOf));
  return [
    ...conditions.map((condition) => conditionJson(condition, limits.get(keyOf(condition)) ?? null)),
    ...exceeded.filter((one) => !alerting.has(keyOf(one))).map((one) => exceededJson(one, environmentId)),
  ];
}

/**
 * What the alerts say about connections, about the exporter with all its environments, and about an environment that is
 * no longer watched: its alert lasts a little longer and has no other place.
 */
export function wideConditionsJson(report: ConditionReport, watched: ReadonlySet<string>) {
  const wide = report.conditions.filter(({ subject }) => subject.kind !== 'environment' || !watched.has(subject.id));
  return wide.map((condition) => conditionJson(condition, null));
}

function keyOf({ alert, severity }: Pick<Condition, 'alert' | 'severity'>): string {
  return `${alert} ${severity}`;
}

function conditionJson(condition: Condition, exceeded: ExceededThreshold | null) {
  return {
    alert: condition.alert as string,
    severity: condition.severity as string,
    state: condition.phase as string,
    connection: condition.labels.connection ?? null,
    environments: condition.environments,
    since: jsonTime(condition.since),
    fires_at: condition.phase === 'pending' ? jsonTime(condition.firesAt) : null,
    summary: condition.summary as string | null,
    remedy: condition.description as string | null,
    threshold: exceeded?.threshold ?? null,
    value: jsonNumber(exceeded?.value ?? condition.value),
    limit: jsonNumber(exceeded?.limit ?? null),
  };
}

function exceededJson(
  { alert, severity, since, threshold, value, limit }: ExceededThreshold,
  environmentId: string,
): ReturnType<typeof conditionJson> {
  return {
    alert,
    severity,
    state: 'exceeded',
    connection: null,
    environments: [environmentId],
    since: jsonTime(since),
    fires_at: null,
    summary: null,
    remedy: null,
    threshold,
    value: jsonNumber(value),
    limit: jsonNumber(limit),
  };
}
