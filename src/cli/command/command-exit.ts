import { ExporterError } from '../../base/errors.ts';

/** The codes of docs/reference.md#exit-codes. */
export const EXIT = { ok: 0, failed: 1, usage: 2, cannotListen: 3, refused: 4 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Ends a command with an exit code; the message, when there is one, goes to stderr. Only process.ts exits. */
export class CommandExit extends ExporterError {
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode, message = '') {
    super('command_exit', message);
    this.exitCode = exitCode;
  }
}
