/** SIGHUP: a hang-up that nobody handles ends a process. */

const reloads: Array<() => Promise<void>> = [];
let hungUp = false;

function hangUp(): void {
  hungUp = true;
  for (const run of reloads) void run();
}

/** Keeps hang-ups for the command that is about to start. */
export function takeHangUps(): void {
  process.on('SIGHUP', hangUp);
}

/** Calls `run` on every hang-up, and at once if there has been one. */
export function onHangUp(run: () => Promise<void>): void {
  reloads.push(run);
  if (hungUp) void run();
}

/** The command runs. One that does not reload ends when its terminal closes, also if that was before. */
export function leaveHangUps(): void {
  if (reloads.length > 0) return;
  process.off('SIGHUP', hangUp);
  if (hungUp) process.kill(process.pid, 'SIGHUP');
}
