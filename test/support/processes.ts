import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The command as it is shipped. The set-up of the tests builds it: global-setup.ts. */
export const BUILT_MAIN = join(ROOT, 'dist/main.cjs');

/** How a process ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ProcessOptions {
  /** The only variables that the process sees, beside PATH. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A child process whose output is kept whole, and which does not outlive the test: `await using`. */
export class TestProcess implements AsyncDisposable {
  readonly exit: Promise<Exit>;
  readonly #child: ChildProcess;
  readonly #changed = new EventTarget();
  #stdout = '';
  #stderr = '';
  #ended = false;

  constructor(command: string, args: readonly string[], { env = {} }: ProcessOptions = {}) {
    const child = spawn(command, args, { env: { PATH: process.env.PATH, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = child;
    child.stdout.on('data', (chunk: Buffer) => {
      this.#stdout += chunk;
      this.#changed.dispatchEvent(new Event('change'));
    });
    child.stderr.on('data', (chunk: Buffer) => {
      this.#stderr += chunk;
      this.#changed.dispatchEvent(new Event('change'));
    });
    this.exit = new Promise((resolve, reject) => {
      child.once('error', reject);
      // Not `exit`: output may still be on its way then.
      child.once('close', (code, signal) => {
        this.#ended = true;
        this.#changed.dispatchEvent(new Event('change'));
        resolve({ code, signal, stdout: this.#stdout, stderr: this.#stderr });
      });
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get stdout(): string {
    return this.#stdout;
  }

  get stderr(): string {
    return this.#stderr;
  }

  /** Resolves with the match once the output holds it; throws with the whole output when the process ends without. */
  async saw(pattern: RegExp, stream: 'stdout' | 'stderr' = 'stderr'): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this[stream]);
      if (match !== null) return match;
      if (this.#ended) {
        throw new Error(`the process ended and never wrote ${pattern}:\n${this.#stdout}\n${this.#stderr}`);
      }
      await new Promise((resolve) => this.#changed.addEventListener('change', resolve, { once: true }));
    }
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Lets the reader of stdout go away, as `| head -1` does. */
  closeStdout(): void {
    this.#child.stdout?.destroy();
  }

  /** Lets the reader of the log go away. */
  closeStderr(): void {
    this.#child.stderr?.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.exit;
  }
}

/** Starts the command under the Node that runs the tests. */
export function startCommand(args: readonly string[], options?: ProcessOptions): TestProcess {
  return new TestProcess(process.execPath, [BUILT_MAIN, ...args], options);
}

/** Runs any program to its end. */
export async function runProgram(program: string, args: readonly string[], options?: ProcessOptions): Promise<Exit> {
  await using started = new TestProcess(program, args, options);
  return await started.exit;
}

/** Runs the command to its end. */
export async function runCommand(args: readonly string[], options?: ProcessOptions): Promise<Exit> {
  await using started = startCommand(args, options);
  return await started.exit;
}
