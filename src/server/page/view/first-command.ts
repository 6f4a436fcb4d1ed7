import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { packageFile } from '../../../base/package-file.ts';
import type { AlertName } from '../../../rules/parts/alert-names.ts';

const SHELL_BLOCK = /^ *```sh\n([\s\S]*?)\n *```/m;
/** What a shell command may contain unquoted. */
const PLAIN = /^[\w.:/[\]-]+$/;
/** Placeholders that only the reader can fill in. */
const UNFILLED = /\b(?:ENV|EXPORTER|API|JOB|NAMESPACE|POD|FILE|STATE_FILE|WORKER_LOG|SESSION|WORK_ID)\b|\$\w/;

const templates = new Map<AlertName, string | null>();

/** The path of a runbook, or of the page about all of them. */
export function runbookFile(name: AlertName | 'README'): string {
  return fileURLToPath(packageFile(`alerts/runbooks/${name}.md`));
}

/** The first command of a runbook, ready to run; null if it has none, or if it needs more than this. */
export function firstCommand(alert: AlertName, { id, exporter }: { readonly id: string; readonly exporter: string }) {
  const template = templateOf(alert);
  if (template === null || !PLAIN.test(id) || !PLAIN.test(exporter)) return null;
  const command = fillPlaceholders(template, { id, exporter, api: null });
  return UNFILLED.test(template.replaceAll(/\b(?:EXPORTER|ENV)\b/g, '')) ? null : command;
}

/** Where a runbook is read. */
export interface PlaceholderValues {
  /** The id of the environment that the alert is about; null if it is about none, or an unknown one. */
  readonly id: string | null;
  /** The address under which the reader reached the exporter. */
  readonly exporter: string;
  /** The address of the API; null if it is not known, or none that everybody may know. */
  readonly api: string | null;
}

/** A command with the addresses and the id of the environment, as far as they are known and plain. */
export function fillPlaceholders(command: string, place: PlaceholderValues): string {
  const words = knownPlaceholders(place);
  return command.replaceAll(/\b[A-Z]+\b/g, (word) => words[word] ?? word);
}

/** The words in capitals that stand for what is known here, each with what it stands for. */
export function knownPlaceholders({ id, exporter, api }: PlaceholderValues): Readonly<Record<string, string>> {
  return {
    ...(PLAIN.test(exporter) ? { EXPORTER: exporter } : {}),
    ...(id !== null && PLAIN.test(id) ? { ENV: id } : {}),
    ...(api !== null && PLAIN.test(api) ? { API: api } : {}),
  };
}

/** Cached: the files do not change while the program runs. */
function templateOf(alert: AlertName): string | null {
  let template = templates.get(alert);
  if (template === undefined) {
    const block = SHELL_BLOCK.exec(readFileSync(runbookFile(alert), 'utf8'))?.[1] ?? null;
    template = block === null ? null : block.replaceAll(/^ +/gm, '').replaceAll(/\\\n/g, '');
    templates.set(alert, template);
  }
  return template;
}
