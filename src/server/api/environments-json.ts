import type { EpochMs } from '../../base/clock.ts';
import { type DiagnosisReport, NO_REPORT } from '../../diagnosis/report.ts';
import type { EnvironmentState } from '../../state/environment-state.ts';
import { wideConditionsJson } from './conditions-json.ts';
import { environmentJson } from './environment-json.ts';
import { jsonTime } from './json-values.ts';

export interface EnvironmentsJsonOptions {
  readonly now: EpochMs;
  /** `I/N`. */
  readonly shard: string;
  /** API clock − own clock of a connection, ms. */
  readonly skewMs: (connection: string) => number;
  /** Absent where nobody judges. */
  readonly report?: DiagnosisReport;
  /** The address of Grafana. */
  readonly dashboardBaseUrl?: string | null;
}

/** All environments as `/api/v1/environments` and `once --format json` show them. */
export function environmentsJson(states: readonly EnvironmentState[], options: EnvironmentsJsonOptions) {
  const { now, shard, skewMs, report = NO_REPORT, dashboardBaseUrl = null } = options;
  const environments = states.map((state) =>
    environmentJson(state, { now, skewMs: skewMs(state.environment.connection) }, { report, dashboardBaseUrl }),
  );
  return {
    schema: 1,
    generated_at: jsonTime(now),
    shard,
    evaluated_at: jsonTime(report.at),
    conditions: wideConditionsJson(report, new Set(states.map(({ environment }) => environment.id))),
    environments,
  };
}
