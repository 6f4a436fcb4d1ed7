/** SIGINT and SIGTERM: taken from the first line, so that a start that they interrupt ends with the exit code of a stop. */

let stop: (() => void) | null = null;
let asked = 0;

function ask(): void {
  if (stop === null) asked += 1;
  else stop();
}

/** Keeps requests to stop for `onStopSignal`. */
export function takeStopSignals(): void {
  process.on('SIGINT', ask);
  process.on('SIGTERM', ask);
}

/** Calls `run` on every request to stop, and at once for each that has come before. */
export function onStopSignal(run: () => void): void {
  stop = run;
  for (; asked > 0; asked -= 1) run();
}
