import module from 'node:module';
import { hostname } from 'node:os';
import { sleep, systemClock } from './base/clock.ts';
import type { CliIo } from './cli/command.ts';
import { onSignal, printsResult } from './cli/signals.ts';

/** The edge of the process: arguments, signals, exit code. Besides main.ts, the only file with effects at import. */

/** The longest that a stop may take, whatever hangs, ms. */
const STOP_MS = 4500;

const stops: Array<() => Promise<void>> = [];
let stopping = false;
/** The command returned: its result is complete, or it serves. */
let returned = false;
let reload: (() => Promise<void>) | null = null;
/** Also before the command could reload: what it concerns may have been read already. */
let hasHungUp = false;

async function stop(): Promise<void> {
  // A second signal means that the user does not want to wait.
  if (stopping) leave(1);
  stopping = true;
  if (stops.length === 0) leaveUnbegun();
  try {
    const ended = Promise.all(stops.map((run) => run())).then(() => true);
    if (!(await Promise.race([ended, sleep(systemClock, STOP_MS).then(() => false)]))) {
      process.stderr.write(`some tasks did not end within ${STOP_MS / 1000} s of the signal; exiting anyway\n`);
    }
    leave(0);
  } catch (error) {
    await fail(error);
  }
}

/** The command is not loaded yet, or has nothing to stop. A script would take 0 for a result. */
function leaveUnbegun(): never {
  const lacksResult = !returned && printsResult(process.argv.slice(2));
  if (lacksResult) process.stderr.write('interrupted before there was a result; run it again\n');
  leave(lacksResult ? 1 : 0);
}

async function fail(error: unknown): Promise<never> {
  const { exitFor } = await import('./cli/command.ts');
  const { code, message } = exitFor(error, process.argv.slice(2));
  if (message !== '') process.stderr.write(`${message}\n`);
  leave(code);
}

/**
 * Ends the process. `exit` waits for every thread, and a thread whose disk or name lookup does not answer never ends.
 * Replacing the process with another program (`execve`) waits for no thread.
 */
function leave(code: number): never {
  const busy = process.getActiveResourcesInfo().some((name) => /^(?:FS|GetAddrInfo|GetNameInfo)/.test(name));
  if (busy) {
    try {
      // `exit` would: a stop soon after the start, as in the build of the image, finds a look at files under way.
      module.flushCompileCache();
      const { execPath } = process;
      process.execve?.(execPath, [execPath, '--disable-sigusr1', '--eval', `process.exit(${code})`], {});
    } catch {
      // Not every system has it.
    }
  }
  process.exit(code);
}

const io: CliIo = {
  stdout: (text) => process.stdout.write(text),
  stderr: (text) => process.stderr.write(text),
  stderrIsTerminal: process.stderr.isTTY === true,
  env: process.env,
  hostName: hostname(),
  clock: systemClock,
  random: Math.random,
  onStop: (run) => stops.push(run),
  onReload(run) {
    reload = run;
    if (hasHungUp) void run();
  },
};

onSignal((signal) => {
  if (signal !== 'SIGHUP') return void stop();
  hasHungUp = true;
  void reload?.();
});
// That a part of Node is experimental, such as that for SOCKS, would stand as two lines of text between the JSON of the log.
const told = process.listeners('warning');
process.removeAllListeners('warning');
process.on('warning', (warning) => {
  if (warning.name !== 'ExperimentalWarning') for (const tell of told) tell(warning);
});
// A reader that closes the pipe early (`once | head`) has what it wanted.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  process.stderr.write(`cannot write the output: ${error.message}; free some space, or write it elsewhere\n`);
  process.exit(1);
});
// If the reader of the log goes away, the exporter goes on.
process.stderr.on('error', () => {});

run().catch((error) => fail(error));

async function run(): Promise<void> {
  // Loaded only once the signals are handled: loading takes most of the start.
  const { runProgram } = await import('./cli/program.ts');
  await runProgram(io, process.argv.slice(2));
  returned = true;
}
