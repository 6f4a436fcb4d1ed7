import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { toolPath } from '../support/tools.ts';
import { cachedPython, hasPythonPackages } from '../tools/python-packages.ts';

/** The languages of the official SDKs that are run. */
export type Language = 'javascript' | 'go' | 'python';

/** `worker` serves items until SIGTERM; `operations` makes calls. */
type ProgramName = 'worker' | 'operations';

const PROGRAMS: Readonly<Record<Language, (name: ProgramName) => readonly [string, ...string[]]>> = {
  javascript: (name) => [process.execPath, join(import.meta.dirname, `javascript/${name}.ts`)],
  go: (name) => [toolPath('go-sdk'), name],
  python: (name) => {
    if (!hasPythonPackages()) throw new Error('the SDK for Python is not installed: npm run test:deploy installs it');
    return [cachedPython(), join(import.meta.dirname, `python/${name}.py`)];
  },
};

/** Those that the variable names; `npm run test:deploy` names Go and Python. */
export const LANGUAGES = (process.env.SDKS ?? 'javascript').split(',') as readonly Language[];

export function programOf(language: Language, name: ProgramName): readonly [string, ...string[]] {
  const program = PROGRAMS[language];
  if (program === undefined) throw new Error(`SDKS names ${language}; there are ${Object.keys(PROGRAMS).join(', ')}`);
  return program(name);
}

/** One call. `methods` asks for the public names of the SDK's resource; every other one is a method of it. */
export interface SdkCall {
  readonly url: string;
  readonly operation: string;
  /** One of the two keys. */
  readonly api_key?: string;
  readonly environment_key?: string;
  readonly environment: string;
  readonly work?: string;
  readonly metadata?: Readonly<Record<string, string | null>>;
  readonly expected_last_heartbeat?: string;
  readonly force?: boolean;
  readonly worker_id?: string;
  /** How often the SDK may send the request again. */
  readonly retries?: number;
}

/** What the SDK made of the answer. */
export interface Outcome {
  /** The object, null, or all objects of a list. */
  readonly answer?: unknown;
  /** Fields of the answer that its type does not declare, and those that it declares and the answer lacks: not in JavaScript, where types are gone. */
  readonly undeclared?: readonly string[];
  readonly missing?: readonly string[];
  readonly error?: Readonly<
    Record<'class' | 'type' | 'code' | 'message' | 'retry_after' | 'request_id' | 'status', unknown>
  >;
}

/** The SDK of a language in a process of its own, which makes one call after the other. */
export class SdkProgram implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #ended: Promise<unknown>;

  constructor(language: Language) {
    const [command, ...args] = programOf(language, 'operations');
    // Without the variables of this process, from which an SDK would take keys.
    const child = spawn(command, args, { env: { PATH: process.env.PATH }, stdio: ['pipe', 'pipe', 'inherit'] });
    this.#child = child;
    this.#ended = new Promise((resolve) => child.once('close', resolve));
    this.#lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  }

  async call(call: SdkCall): Promise<Outcome> {
    this.#child.stdin!.write(`${JSON.stringify(call)}\n`);
    const { value, done } = await this.#lines.next();
    if (done) throw new Error(`the program ended instead of answering ${call.operation}; its error is above`);
    return JSON.parse(value) as Outcome;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.stdin!.end();
    await this.#ended;
  }
}
