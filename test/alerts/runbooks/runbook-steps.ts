import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../support/processes.ts';

/** A fenced block of a runbook: queries, or a command. */
export interface Step {
  readonly language: 'promql' | 'sh';
  /** One query each, or the whole command. */
  readonly lines: readonly string[];
}

/** The words that stand in capitals for what only the reader knows. */
const PLACEHOLDERS = 'ENV EXPORTER API JOB NAMESPACE POD FILE WORKER_LOG SESSION WORK_ID STATE_FILE'.split(' ');

/** Those of them that stand in a text; `$ENV` is a variable of the shell. */
export function placeholdersIn(text: string): string[] {
  return PLACEHOLDERS.filter((word) => new RegExp(`(?<![$\\w])${word}(?!\\w)`).test(text));
}

/** What a reader puts in the place of the words in capitals. */
export type Replacements = Readonly<Record<string, string>>;

export function runbookText(name: string): string {
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
