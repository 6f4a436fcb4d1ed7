import type { DynamicConfigValue } from '@grafana/grafana-foundation-sdk/dashboard';

/**
 * The place for the link to an alert's runbook. It is empty in the committed boards: only the user knows where the
 * runbooks are served.
 */
export const RUNBOOK_PLACE: DynamicConfigValue = { id: 'links', value: [] };

/** The column of the alert table with the full name of the alert, which is also the name of its runbook. */
export const ALERT_NAME_COLUMN = 'Name';

/** The link for that place. `baseUrl` has no trailing slash; `/NAME.md` is appended. */
export function runbookLink(baseUrl: string) {
  const column = `$${`{__data.fields.${ALERT_NAME_COLUMN}}`}`;
  return { title: 'Runbook', url: `${baseUrl}/${column}.md`, targetBlank: true };
}

/** The board with links to the runbooks below `baseUrl`. Both are the text of a JSON file. */
export function withRunbookLinks(json: string, baseUrl: string): string {
  const board: unknown = JSON.parse(json, (_key, value: unknown) =>
    isPlace(value) ? { ...RUNBOOK_PLACE, value: [runbookLink(baseUrl)] } : value,
  );
  return `${JSON.stringify(board)}\n`;
}

function isPlace(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { id, value: links } = value as Partial<DynamicConfigValue>;
  return id === RUNBOOK_PLACE.id && Array.isArray(links) && links.length === 0;
}
