/** The row of the table that a series belongs to, by the names that `FaultRig` gives; null: it is about the whole exporter. */
export function rowOf(labels: Readonly<Record<string, string>>): number | null {
  const [, row] =
    /^(?:env|found)_(\d+)_/.exec(labels.environment_id ?? '') ?? /^c(\d+)$/.exec(labels.connection ?? '') ?? [];
  return row === undefined ? null : Number(row);
}
