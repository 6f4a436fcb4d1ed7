import type { Clock } from '../../base/clock.ts';
import type { Random } from '../../base/random.ts';

/** The process as a command sees it: results go to stdout, everything else to stderr. */
export interface CliIo {
  stdout(text: string): void;
  stderr(text: string): void;
  /** Whether a person reads stderr: then logs are text unless configured otherwise. */
  readonly stderrIsTerminal: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Name of the machine or pod: a StatefulSet numbers its pods. */
  readonly hostName: string;
  readonly clock: Clock;
  readonly random: Random;
  /** Calls `run` on the first SIGINT, SIGTERM or SIGQUIT; a second signal ends the process at once. */
  onStop(run: () => Promise<void>): void;
  /** Calls `run` on every SIGHUP. */
  onReload(run: () => Promise<void>): void;
}
