/** Commands that end by themselves, with a result. A signal ends the others as it should. */
const PRINTING: ReadonlySet<string> = new Set(['once', 'check', 'schema', 'rehearse', 'rules', 'dashboards']);

/** Whether these arguments ask for a result, which is missing if a signal ends the command. */
export function printsResult([command = '']: readonly string[]): boolean {
  return PRINTING.has(command);
}
