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

/** Errors of disks for which Node has no name: it says "Unknown system error -122". Their numbers are those of Linux. */
const UNNAMED: ReadonlyMap<string, readonly [code: string, text: string]> = new Map([
  ['Unknown system error -74', ['EBADMSG', 'the file system found a wrong checksum']],
  ['Unknown system error -116', ['ESTALE', 'stale file handle']],
  ['Unknown system error -117', ['EUCLEAN', 'the file system is damaged']],
  ['Unknown system error -122', ['EDQUOT', 'disk quota exceeded']],
  ['Unknown system error -123', ['ENOMEDIUM', 'no medium found']],
]);

/** The text of anything thrown, for messages; never a stack. */
export function errorText(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/(Unknown system error -\d+)(?:: \1)?/g, (whole, unknown: string) => {
    const [code, meaning] = UNNAMED.get(unknown) ?? [];
    return code === undefined ? whole : `${code}: ${meaning}`;
  });
}

/** The `code` of a Node system error (`ENOENT`, `EADDRINUSE`, …), or null. */
export function systemErrorCode(error: unknown): string | null {
  if (typeof error !== 'object' || error === null) return null;
  const code = (error as { code?: unknown }).code;
  if (typeof code !== 'string') return null;
  return UNNAMED.get(code)?.[0] ?? code;
}
