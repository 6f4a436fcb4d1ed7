import { alertOf, CONDITIONS } from '../../diagnosis/conditions.ts';
import { type Condition, type ConditionPhase, type DiagnosisReport, gravestFirst } from '../../diagnosis/report.ts';
import { jsonTime } from './json-values.ts';

/** In the words of alerts: what holds is firing. */
const STATES = {
  pending: 'pending',
  holds: 'firing',
  ending: 'ending',
  explained: 'explained',
  clear: 'clear',
} as const satisfies Record<ConditionPhase, string>;

/** What is wrong with one environment, the gravest first. */
export function conditionsJson(report: DiagnosisReport, environmentId: string) {
  return gravestFirst(report.environments.get(environmentId) ?? []).map(conditionJson);
}

/**
 * What is wrong with connections, and with environments that are not watched here: one that has left keeps its conditions
 * for a while, and that of a drill never was watched.
 */
export function wideConditionsJson({ connections, environments }: DiagnosisReport, watched: ReadonlySet<string>) {
  const others = [...environments].filter(([id]) => !watched.has(id)).map(([, conditions]) => conditions);
  return gravestFirst([...connections.values(), ...others].flat()).map(conditionJson);
}

function conditionJson({ name, severity, phase, subject, ...condition }: Condition) {
  const { summary, description } = CONDITIONS[name];
  return {
    condition: name,
    alert: alertOf(name),
    severity,
    state: STATES[phase],
    connection: subject.kind === 'connection' ? subject.name : null,
    environments: condition.environments,
    since: jsonTime(condition.since),
    fires_at: phase === 'pending' ? jsonTime(condition.holdsFrom) : null,
    evidence: condition.evidence,
    summary: `${subject.name}: ${summary}`,
    remedy: description,
    explained_by: condition.explainedBy?.name ?? null,
  };
}
