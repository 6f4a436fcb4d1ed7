#!/usr/bin/env node
import module from 'node:module';
import { hostname } from 'node:os';
import { fileURLToPath } from 'node:url';
import { sleep, systemClock } from './base/clock.ts';
import { packageFile } from './base/package-files.ts';
import type { CliIo } from './cli/command.ts';
import { commandOf, oldNodeComplaint, printsResult } from './cli/start.ts';

/**
 * The edge of the process: arguments, signals, exit code; the only file with effects at import. The program itself is loaded
 * last: that takes most of the start, and does not even work in an old Node. What stands here is known to that, too.
 */

const args = process.argv.slice(2);

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
  const lacksResult = !returned && printsResult(args);
  if (lacksResult) process.stderr.write('interrupted before there was a result; run it again\n');
  leave(lacksResult ? 1 : 0);
}

async function fail(error: unknown): Promise<never> {
  const { exitFor } = await import('./cli/command.ts');
  const { code, message } = exitFor(error, args);
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

// From the first moment, so that a start that they interrupt ends with the exit code of a stop. Without a handler, SIGQUIT
// would leave out the last write of the state file, and write the memory, which holds the keys, to a core file.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGQUIT'] as const) process.on(signal, () => void stop());
// One that nobody handles ends a process, as it should where nothing can be reloaded: its terminal has closed.
if (commandOf(args) === 'serve') {
  process.on('SIGHUP', () => {
    hasHungUp = true;
    void reload?.();
  });
}
// They mean something to other programs, such as to open their log again. By default Node opens its debugger on SIGUSR1,
// through which every user of the machine could read the keys. The image has a flag that forbids it even before this line.
for (const signal of ['SIGUSR1', 'SIGUSR2'] as const) process.on(signal, () => {});
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

const complaint = oldNodeComplaint(process.versions.node, process.execPath);
if (complaint === null) {
  // What Node compiles is kept beside the program, if that can be written to, for the next start.
  module.enableCompileCache(fileURLToPath(packageFile('.cache/compiled')));
  run().catch((error) => fail(error));
} else {
  process.stderr.write(`${complaint}\n`);
  // As for a wrong configuration: starting it again, as the systemd unit does after other failures, would not help.
  process.exitCode = 2;
}

async function run(): Promise<void> {
  const { runProgram } = await import('./cli/program.ts');
  await runProgram(io, args);
  returned = true;
}
