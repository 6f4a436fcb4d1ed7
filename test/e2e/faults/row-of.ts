/** The row of the table that a series belongs to, by the names that `FaultRig` gives; null: it is about the whole exporter. */
export function rowOf(labels: Readonly<Record<string, string>>): number | null {
  const [, row] =
    /^(?:env|found)_(\d+)_/.exec(labels.environment_id ?? '') ?? /^c(\d+)$/.exec(labels.connection ?? '') ?? [];
  return row === undefined ? null : Number(row);
}

/** What counts the environments of all rows of an exporter: of a row alone, it would say that the others have no series. */
export const COUNTS_ALL_ROWS: ReadonlySet<string> = new Set(['anthropic_work_exporter_environments']);
