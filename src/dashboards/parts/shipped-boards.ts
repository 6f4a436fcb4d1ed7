import { readFile } from 'node:fs/promises';
import { ExporterError, errorText } from '../../base/errors.ts';
import { DEFAULT_RULE_OPTIONS } from '../../rules/options.ts';
import { UID } from './links.ts';

export interface ShippedBoard {
  readonly uid: string;
  /** The file's text, which Grafana imports as it is. */
  readonly json: string;
}

/** `src/dashboards` and `dist/dashboards` are equally far from the folder. */
const FOLDER = new URL('../../../grafana/', import.meta.url);

/** The committed boards are missing from the package. */
export class BoardsMissingError extends ExporterError {
  constructor(path: string, cause: unknown) {
    super('boards_missing', `cannot read the dashboard ${path}: ${errorText(cause)}`, {
      cause,
      remedy: 'install the package again, or run `npm run generate` in a checkout',
    });
  }
}

/**
 * The generated boards as they were committed. The library that builds them is not installed in production, so they are
 * read and not built. `runbookBaseUrl` replaces the address their runbook links start with.
 */
export async function shippedBoards(runbookBaseUrl: string, folder: URL = FOLDER): Promise<readonly ShippedBoard[]> {
  return Promise.all(
    Object.values(UID).map(async (uid) => {
      const file = new URL(`${uid}.json`, folder);
      const json = await readFile(file, 'utf8').catch((cause: unknown) => {
        throw new BoardsMissingError(file.pathname, cause);
      });
      return { uid, json: json.replaceAll(`"${DEFAULT_RULE_OPTIONS.runbookBaseUrl}/`, `${opening(runbookBaseUrl)}/`) };
    }),
  );
}

/** The start of a JSON string that begins with `text`. */
function opening(text: string): string {
  return JSON.stringify(text).slice(0, -1);
}
