import { CommanderError } from 'commander';
import { ExporterError, errorText, systemErrorCode } from '../../base/errors.ts';
import { ListenError } from '../../server/http/listen-error.ts';
import { CommandExit, EXIT, type ExitCode } from './command-exit.ts';
import { withoutLogins } from './without-logins.ts';

export interface CommandEnd {
  readonly code: ExitCode;
  /** For stderr; empty when nothing is left to say. */
  readonly message: string;
}

const NO_DIRECTORY =
  'A relative path was given, and the current directory was removed; change to one that exists, or write the whole path.';

/** Node looks for the current directory when it resolves a relative path, and names neither. */
function isWithoutDirectory(error: unknown): boolean {
  return systemErrorCode(error) === 'ENOENT' && (error as { syscall?: unknown }).syscall === 'uv_cwd';
}

/** What the error of a command with these arguments means for the process: its exit code, and what still has to be said. */
export function exitFor(error: unknown, args: readonly string[] = []): CommandEnd {
  if (error instanceof CommandExit) return { code: error.exitCode, message: withoutLogins(error.message, args) };
  // commander has already printed its message; asking for help or the version is no error.
  if (error instanceof CommanderError) return { code: error.exitCode === 0 ? EXIT.ok : EXIT.usage, message: '' };
  if (isWithoutDirectory(error)) return { code: EXIT.usage, message: NO_DIRECTORY };
  const text = errorText(error);
  const remedy = error instanceof ExporterError ? error.remedy : null;
  const message = remedy === null ? text : `${text}${/[.;!?]$/.test(text) ? '' : ';'} ${remedy}`;
  return {
    code: error instanceof ListenError ? EXIT.cannotListen : EXIT.failed,
    message: withoutLogins(message, args),
  };
}
