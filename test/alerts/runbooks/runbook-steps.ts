import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AlertName } from '../../../src/rules/parts/alert-names.ts';
import { ROOT } from '../../support/processes.ts';

/** A fenced block of a runbook: queries, or a command. */
export interface Step {
  readonly language: 'promql' | 'sh';
  /** One query each, or the whole command. */
  readonly lines: readonly string[];
}

/** The words that stand in capitals for what only the reader knows, and what a runbook says about each. */
export const PLACEHOLDERS: Readonly<Record<string, string>> = {
  ENV: 'with the `environment_id` of the alert',
  EXPORTER: 'with the address of the exporter',
  API: 'with the address of the API (`https://api.anthropic.com`, unless you configured another)',
  JOB: 'with the `job` of the alert',
  NAMESPACE: 'with the namespace of its pod',
  POD: 'with the name of its pod',
  FILE: 'with the configuration file of the exporter',
  WORKER_LOG: 'with the log of a worker',
  SESSION: 'with the id of the session',
  WORK_ID: 'with the id of the item',
  STATE_FILE: 'with the path in `state_file`',
};

/** Those of them that stand in a text; `$ENV` is a variable of the shell. */
export function placeholdersIn(text: string): string[] {
  return Object.keys(PLACEHOLDERS).filter((word) => new RegExp(`(?<![$\\w])${word}(?!\\w)`).test(text));
}

/** What a reader puts in the place of the words in capitals. */
export type Replacements = Readonly<Record<string, string>>;

export function runbookText(name: AlertName): string {
  return readFileSync(join(ROOT, `alerts/runbooks/${name}.md`), 'utf8');
}

/** The blocks of a section, in order, with the words in capitals replaced. */
export function stepsOf(text: string, section: 'Diagnosis' | 'Mitigation', replacements: Replacements = {}): Step[] {
  const [, body = ''] = text.split(`\n## ${section}\n`);
  const [own] = body.split('\n## ');
  return [...own!.matchAll(/^ *```(promql|sh)\n([\s\S]*?)^ *```$/gm)].map(([, language, block]) => {
    const filled = replaced(withoutIndent(block!), replacements);
    return language === 'promql'
      ? // A line that is indented goes on with the query before it.
        { language, lines: filled.replaceAll(/\n\s+/g, ' ').split('\n') }
      : { language: 'sh', lines: [filled] };
  });
}

function withoutIndent(block: string): string {
  const lines = block.trimEnd().split('\n');
  const indent = /^ */.exec(lines[0]!)![0].length;
  return lines.map((line) => line.slice(indent)).join('\n');
}

function replaced(text: string, replacements: Replacements): string {
  const words = Object.keys(replacements);
  if (words.length === 0) return text;
  return text.replaceAll(new RegExp(`(?<![$\\w])(${words.join('|')})(?!\\w)`, 'g'), (word) => replacements[word]!);
}
