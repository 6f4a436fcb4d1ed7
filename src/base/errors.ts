/** The base of every error that this program raises on purpose. */
export class ExporterError extends Error {
  /** Stable, for branching. */
  readonly code: string;
  /** What to do; the message says what was tried and on what. */
  readonly remedy: string | null;

  constructor(code: string, message: string, options: { cause?: unknown; remedy?: string | null } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.remedy = options.remedy ?? null;
  }
}

/** The text of anything thrown, for messages; never a stack. */
export function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The same, and what to do about it, if the error says so. */
export function errorWithRemedy(error: unknown): string {
  const text = errorText(error);
  const remedy = error instanceof ExporterError ? error.remedy : null;
  return remedy === null ? text : `${text}${/[.;!?]$/.test(text) ? '' : ';'} ${remedy}`;
}

/** The `code` of a Node system error (`ENOENT`, `EADDRINUSE`, …), or null. */
export function systemErrorCode(error: unknown): string | null {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : null;
  return typeof code === 'string' ? code : null;
}
