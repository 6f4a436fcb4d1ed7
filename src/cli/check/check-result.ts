import type { ExitCode } from '../command/command-exit.ts';
import type { LiveRow } from './live-row.ts';

/** Everything that `check` found; `--json` prints it as it is. */
export interface CheckResult {
  readonly schema: 1;
  readonly ok: boolean;
  readonly exit_code: ExitCode;
  /** Problems of the configuration; without any, its notices are in `notices`. */
  readonly problems: readonly string[];
  readonly notices: readonly string[];
  /** `I/N`; null when the configuration has problems. */
  readonly shard: string | null;
  /** Ids of the environments that this shard watches: the configured ones and, with `--live`, the discovered ones. */
  readonly watched: readonly string[];
  /** How many of the configured environments other shards watch. */
  readonly configured_elsewhere: number;
  readonly live: readonly LiveRow[];
  readonly cost: readonly {
    readonly connection: string;
    readonly requests_per_minute: number;
    /**
     * What each environment adds that discovery has yet to find, with its environment key; null when all are counted.
     */
    readonly per_discovered_environment: number | null;
    readonly budget: number;
  }[];
  /** API clock − own clock, of the connection where it is largest; null when it was not measured. */
  readonly clock_skew_seconds: number | null;
}
