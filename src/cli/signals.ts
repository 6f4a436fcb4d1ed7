/** Signals are taken from the first line on, before the command that is about to start can say what to do with them. */

let stop: (() => void) | null = null;
let pendingStops = 0;

function requestStop(): void {
  if (stop === null) pendingStops += 1;
  else stop();
}

/**
 * Keeps them for `onStopSignal`, so that a start that they interrupt ends with the exit code of a stop. Without a handler,
 * SIGQUIT would leave out the last write of the state file, and write the memory, which holds the keys, to a core file.
 */
export function takeStopSignals(): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGQUIT'] as const) process.on(signal, requestStop);
}

/**
 * Signals that mean something to other programs, such as to open their log again, and would end this one. By default Node
 * opens its debugger on SIGUSR1, through which every user of the machine could read the keys.
 */
export function ignoreUserSignals(): void {
  for (const signal of ['SIGUSR1', 'SIGUSR2'] as const) process.on(signal, () => {});
}

/** Calls `run` on every request to stop, and at once for each that has come before. */
export function onStopSignal(run: () => void): void {
  stop = run;
  for (; pendingStops > 0; pendingStops -= 1) run();
}

const reloads: Array<() => Promise<void>> = [];
let hasHungUp = false;

function hangUp(): void {
  hasHungUp = true;
  for (const run of reloads) void run();
}

/** Keeps SIGHUP for `onHangUp`: one that nobody handles ends a process. */
export function takeHangUps(): void {
  process.on('SIGHUP', hangUp);
}

/** Calls `run` on every hang-up, and at once if there has been one. */
export function onHangUp(run: () => Promise<void>): void {
  reloads.push(run);
  if (hasHungUp) void run();
}

/** The command runs. One that does not reload ends when its terminal closes, also if that was before. */
export function leaveHangUps(): void {
  if (reloads.length > 0) return;
  process.off('SIGHUP', hangUp);
  if (hasHungUp) process.kill(process.pid, 'SIGHUP');
}

/** Commands that end by themselves, with a result. A signal ends the others as it should. */
const PRINTING: ReadonlySet<string> = new Set(['once', 'check', 'schema', 'rehearse', 'rules', 'dashboards']);

/** Whether these arguments ask for a result, which is missing if a signal ends the command. */
export function printsResult([command = '']: readonly string[]): boolean {
  return PRINTING.has(command);
}
