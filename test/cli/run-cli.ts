import { type Clock, seededRandom, systemClock } from '../../src/base/clock.ts';
import { type CliIo, exitFor } from '../../src/cli/command.ts';
import { runProgram } from '../../src/cli/program.ts';
import { SILENT_IO } from '../support/silent.ts';

export interface CliResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command inside this process, with output, variables and signals of its own. `await using` ends what it started. */
export class CliRun implements AsyncDisposable {
  stdout = '';
  stderr = '';
  /** Called after each piece of output. */
  onOutput: () => void = () => {};
  /** Resolves when the command returns: what serves goes on until it is stopped. */
  readonly returned: Promise<CliResult>;
  readonly #stops: (() => Promise<void>)[] = [];

  constructor(args: readonly string[], env: Readonly<Record<string, string>> = {}, clock: Clock = systemClock) {
    const io: CliIo = {
      ...SILENT_IO,
      stdout: (text) => {
        this.stdout += text;
        this.onOutput();
      },
      stderr: (text) => {
        this.stderr += text;
      },
      env,
      clock,
      random: seededRandom(1),
      onStop: (run) => this.#stops.push(run),
    };
    this.returned = runProgram(io, args).then(
      () => ({ code: 0, stdout: this.stdout, stderr: this.stderr }),
      (error: unknown) => {
        const { code, message } = exitFor(error, args);
        return { code, stdout: this.stdout, stderr: `${this.stderr}${message}` };
      },
    );
  }

  /** What the first signal does; gives the exit code. */
  async signal(): Promise<number> {
    return await Promise.all(this.#stops.map((stop) => stop())).then(
      () => 0,
      (error: unknown) => exitFor(error).code,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.returned;
    await this.signal();
  }
}

/** Runs a command that ends by itself. */
export async function runCli(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<CliResult> {
  await using run = new CliRun(args, env);
  return await run.returned;
}
