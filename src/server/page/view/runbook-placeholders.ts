/** What a shell command may contain unquoted. */
const PLAIN = /^[\w.:/[\]-]+$/;

/** Whether a text needs no quotes in a shell command. */
export function isPlain(text: string): boolean {
  return PLAIN.test(text);
}

/** What the placeholders of a runbook stand for, for this reader. */
export interface PlaceholderValues {
  /** The id of the environment that the alert is about; null if it is about none, or an unknown one. */
  readonly id: string | null;
  /** The address under which the reader reached the exporter. */
  readonly exporter: string;
  /** The address of the API; null if it is not known, or none that everybody may know. */
  readonly api: string | null;
}

/** A command with the addresses and the id of the environment, as far as they are known and plain. */
export function fillPlaceholders(command: string, values: PlaceholderValues): string {
  const words = knownPlaceholders(values);
  return command.replaceAll(/\b[A-Z]+\b/g, (word) => words[word] ?? word);
}

/** The words in capitals that stand for what is known here, each with what it stands for. */
function knownPlaceholders({ id, exporter, api }: PlaceholderValues): Readonly<Record<string, string>> {
  return {
    ...(isPlain(exporter) ? { EXPORTER: exporter } : {}),
    ...(id !== null && isPlain(id) ? { ENV: id } : {}),
    ...(api !== null && isPlain(api) ? { API: api } : {}),
  };
}
