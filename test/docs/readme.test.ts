import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { loadProgram } from '../../src/cli/program.ts';
import { ROOT } from '../support/processes.ts';
import { SILENT_IO } from '../support/silent-io.ts';
import { codeLines, PAGES, pageOf } from './pages.ts';

const program = await loadProgram(SILENT_IO, ['--help']);
const commands = new Map(program.commands.map((command) => [command.name(), command]));
const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  readonly scripts: Readonly<Record<string, string>>;
};

/** What npm itself does with these is no script of ours. */
const NPM_COMMANDS = ['audit', 'ci', 'install', 'test', 'version', 'pack', 'publish'];
/** The four ways to call the command, and what follows up to the end of the command. */
const CALL =
  /(?:(?<![/\w-])anthropic-work-exporter|npm run --silent cli --|npm run (demo) --) +((?:[\w-]+|--[\w-]+)[^|>&;]*)/g;

interface Call {
  readonly line: string;
  readonly command: Command | undefined;
  readonly words: readonly string[];
}

/** Every call of the command that is set as code. */
function callsOf(lines: readonly string[]): readonly Call[] {
  return lines.flatMap((line) =>
    [...line.matchAll(CALL)].map(([, demo, rest]) => {
      const words = rest!.trim().split(/\s+/);
      const name = demo ?? (words[0]!.startsWith('-') ? 'serve' : words[0]!);
      return { line, command: commands.get(name), words };
    }),
  );
}

/** The options of a call that its command does not have. */
function wrongWords({ command, words }: Call): readonly string[] {
  const known = ['--help', ...(command?.options ?? []).map(({ long }) => long)];
  return words.filter((word) => word.startsWith('--') && !known.includes(word));
}

describe.each(PAGES)('$path', (page) => {
  const lines = codeLines(page);

  it('names only scripts that package.json has', () => {
    const named = lines.flatMap((line) =>
      [...line.matchAll(/\bnpm (?:run (?:--silent )?)?([a-z][\w:-]*)/g)].map((match) => match[1]!),
    );
    expect(named.filter((script) => !(script in scripts) && !NPM_COMMANDS.includes(script))).toEqual([]);
  });

  it('names only commands, and options that they have', () => {
    const calls = callsOf(lines);
    expect(calls.filter(({ command }) => command === undefined).map(({ line }) => line)).toEqual([]);
    expect(calls.filter((call) => wrongWords(call).length > 0).map(({ line }) => line)).toEqual([]);
  });
});

it('README.md calls the command and its scripts: the tests above have something to look at', () => {
  const calls = callsOf(codeLines(pageOf('README.md'))).map(({ command }) => command?.name());
  expect(calls).toEqual(expect.arrayContaining(['check', 'serve', 'rules', 'dashboards', 'demo']));
});

it('README.md lists all commands', () => {
  const list = /^Commands: (.*);/m.exec(pageOf('README.md').text)?.[1] ?? '';
  expect([...list.matchAll(/`([a-z]+)`/g)].map((match) => match[1]!).toSorted()).toEqual(
    [...commands.keys()].toSorted(),
  );
});
