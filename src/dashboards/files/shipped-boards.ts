import { readFile } from 'node:fs/promises';
import { ExporterError, errorText } from '../../base/errors.ts';
import { packageFile } from '../../base/package-files.ts';
import { UID } from '../parts/links.ts';
import { withRunbookLinks } from '../parts/runbook-link.ts';

export interface ShippedBoard {
  readonly uid: string;
  /** The file's text, which Grafana imports as it is. */
  readonly json: string;
}

/** The committed boards are missing from the package. */
class BoardsMissingError extends ExporterError {
  constructor(path: string, cause: unknown) {
    super('boards_missing', `cannot read the dashboard ${path}: ${errorText(cause)}`, {
      cause,
      remedy: 'install the package again, or run `npm run generate` in a checkout',
    });
  }
}

/**
 * The generated boards as committed. The library that builds them is not installed in production, so they are read and
 * not built. With a `runbookBaseUrl` the alerts link to their runbooks.
 */
export async function shippedBoards(
  runbookBaseUrl: string | null,
  folder: URL = packageFile('grafana/'),
): Promise<readonly ShippedBoard[]> {
  return Promise.all(
    Object.values(UID).map(async (uid) => {
      const file = new URL(`${uid}.json`, folder);
      const json = await readFile(file, 'utf8').catch((cause: unknown) => {
        throw new BoardsMissingError(file.pathname, cause);
      });
      return { uid, json: runbookBaseUrl === null ? json : withRunbookLinks(json, runbookBaseUrl) };
    }),
  );
}
