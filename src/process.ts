import { systemClock } from './base/clock.ts';
import { endingOf } from './cli/command/exit-code.ts';
import type { CliIo } from './cli/command/io.ts';
import { createProgram } from './cli/program.ts';

/** The edge of the process: arguments, signals, exit code. Beside main.ts, the only file with effects at import. */

const stops: Array<() => Promise<void>> = [];
let stopping = false;

async function stop(): Promise<void> {
  // Whoever asks twice does not want to wait.
  if (stopping) process.exit(1);
  stopping = true;
  try {
    await Promise.all(stops.map((run) => run()));
    process.exit(0);
  } catch (error) {
    fail(error);
  }
}

function fail(error: unknown): never {
  const { code, message } = endingOf(error);
  if (message !== '') process.stderr.write(`${message}\n`);
  process.exit(code);
}

const io: CliIo = {
  stdout: (text) => process.stdout.write(text),
  stderr: (text) => process.stderr.write(text),
  stderrIsTerminal: process.stderr.isTTY === true,
  env: process.env,
  clock: systemClock,
  random: Math.random,
  onStop: (run) => stops.push(run),
  onReload: (run) => process.on('SIGHUP', () => void run()),
};

process.on('SIGINT', () => void stop());
process.on('SIGTERM', () => void stop());
// A reader that closes the pipe early (`once | head`) has what it wanted.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
// Whoever reads the log may go away; what is watched is watched on.
process.stderr.on('error', () => {});

createProgram(io).parseAsync(process.argv).catch(fail);
