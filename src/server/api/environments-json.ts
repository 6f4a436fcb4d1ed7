import type { EpochMs } from '../../base/clock.ts';
import { type ConditionReport, NO_CONDITIONS } from '../../conditions/condition.ts';
import type { EnvironmentState } from '../../state/environment-state.ts';
import { conditionsOf, wideConditionsJson } from './conditions-json.ts';
import { environmentJson } from './environment-json.ts';
import { jsonTime } from './json-values.ts';

export interface EnvironmentsJsonOptions {
  readonly now: EpochMs;
  /** `I/N`. */
  readonly shard: string;
  /** API clock − own clock of a connection, ms. */
  readonly skewMs: (connection: string) => number;
  /** Absent where nobody evaluates the rules, as for `once`. */
  readonly report?: ConditionReport;
  /** The address of Grafana. */
  readonly dashboardBaseUrl?: string | null;
}

/** All environments as `/api/v1/environments` and `once --format json` show them. */
export function environmentsJson(states: readonly EnvironmentState[], options: EnvironmentsJsonOptions) {
  const { now, shard, skewMs, report = NO_CONDITIONS, dashboardBaseUrl = null } = options;
  const environments = states.map((state) =>
    environmentJson(
      state,
      { now, skewMs: skewMs(state.environment.connection) },
      { conditions: conditionsOf(report, state.environment.id), dashboardBaseUrl },
    ),
  );
  return {
    schema: 1,
    generated_at: jsonTime(now),
    shard,
    evaluated_at: jsonTime(report.evaluatedAt),
    evaluated_since: jsonTime(report.evaluatedSince ?? null),
    conditions: wideConditionsJson(report, new Set(states.map(({ environment }) => environment.id))),
    environments,
  };
}
