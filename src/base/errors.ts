/**
 * The base of every error that this program raises on purpose.
 *
 * `code` is stable, for branching; `message` says what was tried and on what; `remedy` says what to do.
 */
export class ExporterError extends Error {
  readonly code: string;
  readonly remedy: string | null;

  constructor(code: string, message: string, options: { cause?: unknown; remedy?: string | null } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.remedy = options.remedy ?? null;
  }
}

/** The only error of a disk that a user is likely to meet and Node has no name for. */
const OVER_QUOTA = 'Unknown system error -122';

/** The text of anything thrown, for messages; never a stack. */
export function errorText(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(`${OVER_QUOTA}: ${OVER_QUOTA}`, 'EDQUOT: disk quota exceeded');
}

/** The `code` of a Node system error (`ENOENT`, `EADDRINUSE`, …), or null. */
export function systemErrorCode(error: unknown): string | null {
  if (typeof error !== 'object' || error === null) return null;
  const code = (error as { code?: unknown }).code;
  if (typeof code !== 'string') return null;
  return code === OVER_QUOTA ? 'EDQUOT' : code;
}
