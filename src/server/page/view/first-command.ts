import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { packageFile } from '../../../base/package-file.ts';
import type { AlertName } from '../../../rules/parts/alert-names.ts';
import { fillPlaceholders, isPlain } from './runbook-placeholders.ts';

const SHELL_BLOCK = /^ *```sh\n([\s\S]*?)\n *```/m;
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
  if (template === null || !isPlain(id) || !isPlain(exporter)) return null;
  const command = fillPlaceholders(template, { id, exporter, api: null });
  return UNFILLED.test(template.replaceAll(/\b(?:EXPORTER|ENV)\b/g, '')) ? null : command;
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
