import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { packageFile } from '../../../base/package-files.ts';
import { fillPlaceholders, isPlain } from './runbook-placeholders.ts';

const SHELL_BLOCK = /^ *```sh\n([\s\S]*?)\n *```/m;
/** Placeholders that only the reader can fill in. */
const UNFILLED = /\b(?:ENV|EXPORTER|API|JOB|NAMESPACE|POD|FILE|STATE_FILE|WORKER_LOG|SESSION|WORK_ID)\b|\$\w/;

const templates = new Map<string, string | null>();
let names: readonly string[] | null = null;

/** The alerts that have a runbook. */
export function runbookNames(): readonly string[] {
  names ??= readdirSync(fileURLToPath(packageFile('alerts/runbooks')))
    .filter((file) => /^AnthropicWork\w+\.md$/.test(file))
    .map((file) => file.slice(0, -'.md'.length));
  return names;
}

/** The path of a runbook, or of the page about all of them. */
export function runbookFile(name: string): string {
  return fileURLToPath(packageFile(`alerts/runbooks/${name}.md`));
}

/** The first command of a runbook, ready to run; null if it has none, or if it needs more than this. */
export function firstCommand(alert: string, { id, exporter }: { readonly id: string; readonly exporter: string }) {
  const template = templateOf(alert);
  if (template === null || !isPlain(id) || !isPlain(exporter)) return null;
  const command = fillPlaceholders(template, { id, exporter, api: null });
  return UNFILLED.test(template.replaceAll(/\b(?:EXPORTER|ENV)\b/g, '')) ? null : command;
}

/** Cached: the files do not change while the program runs. */
function templateOf(alert: string): string | null {
  let template = templates.get(alert);
  if (template === undefined) {
    const text = runbookNames().includes(alert) ? readFileSync(runbookFile(alert), 'utf8') : '';
    const block = SHELL_BLOCK.exec(text)?.[1] ?? null;
    template = block === null ? null : block.replaceAll(/^ +/gm, '').replaceAll(/\\\n/g, '');
    templates.set(alert, template);
  }
  return template;
}
