import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { packageFile } from '../../base/package-file.ts';
import type { AlertName } from '../../rules/alert-names.ts';

const SHELL_BLOCK = /^ *```sh\n([\s\S]*?)\n *```/m;
/** What a shell command may contain unquoted. */
const PLAIN = /^[\w.:/[\]-]+$/;
/** Placeholders that only the reader can fill in. */
const UNFILLED = /\b(?:ENV|EXPORTER|API|JOB|NAMESPACE|POD|FILE|STATE_FILE|WORKER_LOG|SESSION|WORK_ID)\b|\$\w/;

const templates = new Map<AlertName, string | null>();

export function runbookFile(alert: AlertName): string {
  return fileURLToPath(packageFile(`alerts/runbooks/${alert}.md`));
}

/** The first command of a runbook, ready to run; null if it has none, or if it needs more than this. */
export function firstCommand(alert: AlertName, { id, exporter }: { readonly id: string; readonly exporter: string }) {
  const template = templateOf(alert);
  if (template === null || !PLAIN.test(id) || !PLAIN.test(exporter)) return null;
  const command = filled(template, { id, exporter });
  return UNFILLED.test(template.replaceAll(/\b(?:EXPORTER|ENV)\b/g, '')) ? null : command;
}

/** A command with the address of the exporter and the id of the environment, as far as they are known and plain. */
export function filled(command: string, { id, exporter }: { readonly id: string | null; readonly exporter: string }) {
  const addressed = PLAIN.test(exporter) ? command.replaceAll(/\bEXPORTER\b/g, () => exporter) : command;
  return id !== null && PLAIN.test(id) ? addressed.replaceAll(/\bENV\b/g, () => id) : addressed;
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
