import { join } from 'node:path';
import type { TestSimulator } from '../simulator/support/simulators.ts';
import { TestProcess } from '../support/processes.ts';
import { toolPath } from '../support/tool-path.ts';

/** The languages of the official workers. */
export type Language = 'javascript' | 'go' | 'python';

/** The program of each worker. All offer a tool `echo`, and end on SIGTERM. */
const PROGRAMS: Readonly<Record<Language, () => readonly [string, ...string[]]>> = {
  javascript: () => [process.execPath, join(import.meta.dirname, 'javascript/worker.ts')],
  go: () => [toolPath('go-worker')],
  // Needs packages of PyPI, which nothing here pins: run by hand.
  python: () => [process.env.PYTHON ?? 'python3', join(import.meta.dirname, 'python/worker.py')],
};

/** Those that the variable names; `npm run test:deploy` names Go. */
export const LANGUAGES = (process.env.WORKERS ?? 'javascript').split(',') as readonly Language[];

/** A session may be idle for so long: short, so that only what holds a worker keeps it. */
const IDLE_SECONDS = '0.3';

/** Starts a worker for the first environment as an operator does: a process with the environment key. */
export function startWorker(language: Language, { url, prod }: TestSimulator): TestProcess {
  const program = PROGRAMS[language];
  if (program === undefined)
    throw new Error(`WORKERS names ${language}; there are ${Object.keys(PROGRAMS).join(', ')}`);
  const [command, ...args] = program();
  return new TestProcess(command, [...args, url, prod.id, IDLE_SECONDS], {
    env: { ANTHROPIC_ENVIRONMENT_KEY: prod.environmentKey },
  });
}
