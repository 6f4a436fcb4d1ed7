import { readFileSync } from 'node:fs';
import { CommanderError, InvalidArgumentError } from 'commander';
import type { Clock, Random } from '../base/clock.ts';
import { ExporterError, errorWithRemedy } from '../base/errors.ts';
import { packageFile } from '../base/package-files.ts';
import { hasKnownKey, looksLikeKey } from '../base/secret.ts';
import { ListenError } from '../server/answers.ts';

/** The process as a command sees it: results go to stdout, everything else to stderr. */
export interface CliIo {
  stdout(text: string): void;
  stderr(text: string): void;
  /** Whether a person reads stderr: then logs are text unless configured otherwise. */
  readonly stderrIsTerminal: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Name of the machine or pod: a StatefulSet numbers its pods. */
  readonly hostName: string;
  readonly clock: Clock;
  readonly random: Random;
  /** Calls `run` on the first SIGINT, SIGTERM or SIGQUIT; a second signal ends the process at once. */
  onStop(run: () => Promise<void>): void;
  /** Calls `run` on every SIGHUP, and at once if there has been one. */
  onReload(run: () => Promise<void>): void;
}

/** The codes of docs/reference.md#exit-codes. */
export const EXIT = { ok: 0, failed: 1, usage: 2, cannotListen: 3, refused: 4 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Ends a command with an exit code; the message, when there is one, goes to stderr. Only main.ts exits. */
export class CommandExit extends ExporterError {
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode, message = '') {
    super('command_exit', message);
    this.exitCode = exitCode;
  }
}

/** What an error means for the process: its exit code, and what still has to be said on stderr. */
export function exitFor(error: unknown, args: readonly string[] = []): { code: ExitCode; message: string } {
  // commander has already printed its message; asking for help or the version is no error.
  if (error instanceof CommanderError) return { code: error.exitCode === 0 ? EXIT.ok : EXIT.usage, message: '' };
  const code = error instanceof CommandExit ? error.exitCode : null;
  const other = error instanceof ListenError ? EXIT.cannotListen : EXIT.failed;
  return { code: code ?? other, message: withoutLogins(errorWithRemedy(error), args) };
}

/**
 * Rejects arguments that look like a key, whatever they were meant for: every user of the machine can read arguments.
 * The password of an address may look like anything, so there only known kinds of keys are recognized.
 *
 * @throws CommandExit that does not show the argument
 */
export function rejectKeys(args: readonly string[]): void {
  const index = args.findIndex((arg) => hasKnownKey(arg) || looksLikeKey(arg.replace(/\/\/[^/@]*@/, '//')));
  if (index === -1) return;
  const remedy =
    'replace the key, and put the new one into a file that api_key_file or environment_key_file names, or into ANTHROPIC_API_KEY or ANTHROPIC_ENVIRONMENT_KEY';
  const what = `argument ${index + 1} seems to contain a key, which every user of this machine can read there`;
  throw new CommandExit(EXIT.usage, `${what}; ${remedy}`);
}

/**
 * A message without the logins of the addresses among the arguments. A password may be typed as it is, also with spaces:
 * each argument from the first with `//` to the last with an `@` counts, and so does each with an `@`.
 */
export function withoutLogins(text: string, args: readonly string[]): string {
  const [from, to] = [args.findIndex((arg) => arg.includes('//')), args.findLastIndex((arg) => arg.includes('@'))];
  const masked = args
    .filter((arg, index) => arg.includes('@') || (from !== -1 && from <= index && index <= to))
    // A message may show an option's value alone, or an address as a path, with one slash less.
    .flatMap((arg) => [arg, arg.slice(arg.indexOf('=') + 1), /\/\/(.+)@/s.exec(arg)?.[1] ?? arg])
    .reduce((left, part) => left.replaceAll(part, '***'), text);
  return masked.replace(/\/\/(?!USER:PASSWORD@)[^\s/'"]*@/g, '//***@');
}

export interface Build {
  readonly version: string;
  /** The commit that the image was built from, or `unknown`. */
  readonly revision: string;
  readonly nodeVersion: string;
}

/** What this process runs. */
export function buildOf(env: CliIo['env']): Build {
  const { version } = JSON.parse(readFileSync(packageFile('package.json'), 'utf8')) as { version: string };
  return { version, revision: env.ANTHROPIC_WORK_EXPORTER_REVISION || 'unknown', nodeVersion: process.version };
}

/** Parses a whole number of an option. */
export function wholeNumber(least = 0, most = 999_999_999) {
  return (text: string): number => {
    if (/^\d{1,9}$/.test(text) && Number(text) >= least && Number(text) <= most) return Number(text);
    throw new InvalidArgumentError(`It is not a whole number between ${least} and ${most}.`);
  };
}
