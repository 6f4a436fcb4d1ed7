import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** Starts a program of this folder in a process of its own. It ends when its parent does. */
export function startChild(
  file: string,
  args: readonly (string | number)[] = [],
  env: Readonly<Record<string, string>> = {},
) {
  return fork(join(import.meta.dirname, file), args.map(String), {
    execArgv: [],
    env: { ...process.env, ...env },
    silent: process.env.SHOW_LOG !== '1',
  });
}

/** Sends the child a question, if there is one, and returns its next message. */
export async function ask<T>(child: ChildProcess, question?: unknown): Promise<T> {
  const ended = new AbortController();
  const answer = once(child, 'message', { signal: ended.signal });
  const stop = () => ended.abort();
  child.once('exit', stop);
  if (question !== undefined) child.send(question as never);
  const [message] = await answer;
  child.off('exit', stop);
  return message as T;
}
