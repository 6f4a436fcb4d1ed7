import type { EpochMs } from '../../base/clock.ts';
import type { EnvironmentState } from '../../state/environment-state.ts';
import { environmentJson } from './environment-json.ts';
import { jsonTime } from './json-values.ts';

export interface EnvironmentsJsonOptions {
  readonly now: EpochMs;
  /** `I/N`. */
  readonly shard: string;
  /** API clock − own clock of a connection, ms. */
  readonly skewMs: (connection: string) => number;
}

/** All environments as `/api/v1/environments` and `once --format json` show them. */
export function environmentsJson(states: readonly EnvironmentState[], { now, shard, skewMs }: EnvironmentsJsonOptions) {
  const environments = states.map((state) =>
    environmentJson(state, { now, skewMs: skewMs(state.environment.connection) }),
  );
  return { schema: 1, generated_at: jsonTime(now), shard, environments };
}
