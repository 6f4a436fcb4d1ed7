import { remedyForUnknown } from '../../config/file/nearest.ts';
import { quote } from '../../config/file/quote.ts';
import { CommandExit, EXIT } from './command-exit.ts';
import { COMMANDS_OF, commandsWith } from './option-hints.ts';

const HELP = ['help', '--help', '-h'];
const VERSION = ['--version', '-V'];
/** A word with one of these is rather a file than a command. */
const OF_PATHS = /[./\\]/;
/** An argument that can be shown and pasted as it is. */
const PLAIN = /^[\w@%+=:,./-]+$/;

/**
 * The commands that these arguments can mean: one, all of `commands` for the help that lists them, or none for the
 * version. Arguments that name no command mean the default one.
 *
 * @throws CommandExit where a word stands in the place of a command and is none, or a command does not come first
 */
export function chosenCommands(
  args: readonly string[],
  commands: readonly string[],
  byDefault: string,
): readonly string[] {
  const [first = ''] = args;
  if (VERSION.includes(first)) return [];
  if (commands.includes(first)) return [first];
  const word = first === 'help' ? args[1] : firstWord(args);
  if (word !== undefined && !commands.includes(word)) throw unknownCommand(word, commands);
  if (args.some((arg) => HELP.includes(arg))) return commands;
  if (word !== undefined) throw lateCommand(word, args);
  return [byDefault];
}

/**
 * Rejects a command after an option that the default command does not have: it is not the value of that option.
 *
 * @throws CommandExit that says where the command belongs
 */
export function rejectLateCommand(
  args: readonly string[],
  commands: readonly string[],
  optionsOfDefault: readonly (string | undefined)[],
): void {
  if (commands.includes(args[0] ?? '') || args.some((arg) => HELP.includes(arg))) return;
  const at = args.findIndex((arg, index) => {
    const before = args[index - 1] ?? '';
    return commands.includes(arg) && before.startsWith('--') && !optionsOfDefault.includes(before);
  });
  if (at >= 0) throw lateCommand(args[at]!, args);
}

function lateCommand(word: string, args: readonly string[]): CommandExit {
  const others = args.toSpliced(args.indexOf(word), 1).filter((arg) => arg !== '--');
  const names = others.filter((arg) => arg.startsWith('-')).map((arg) => arg.split('=')[0]!);
  // What the command would refuse is not worth a try.
  const foreign = [...new Set(names)].filter((name) => !COMMANDS_OF[name]?.includes(word));
  const options = foreign.length === 0 && others.every((arg) => PLAIN.test(arg)) ? others.join(' ') : 'OPTIONS';
  const elsewhere = foreign.flatMap((name) => commandsWith(name) ?? []);
  const first = `error: ${word} is a command, and a command comes first: ${word} ${options}`.trimEnd();
  return new CommandExit(EXIT.usage, [first, ...elsewhere].join('\n'));
}

/** The first argument that is neither an option nor the value of one: every option of the default command takes one. */
function firstWord(args: readonly string[]): string | undefined {
  return args.find((arg, index) => !arg.startsWith('-') && !/^--[^=]+$/.test(args[index - 1] ?? ''));
}

/** Words that other programs have for a command, or that people try. */
const COMMAND_ALIASES: Readonly<Record<string, string>> = {
  alerts: 'rules',
  boards: 'dashboards',
  exporter: 'serve',
  lint: 'check',
  run: 'serve',
  sim: 'simulate',
  start: 'serve',
  test: 'check',
  validate: 'check',
  verify: 'check',
};

function unknownCommand(word: string, commands: readonly string[]): CommandExit {
  const file = 'a configuration file goes with --config';
  const meant = Object.hasOwn(COMMAND_ALIASES, word)
    ? `did you mean ${COMMAND_ALIASES[word]}?`
    : remedyForUnknown(word, commands);
  const otherwise = word === 'version' ? '--version tells it' : meant;
  const remedy = OF_PATHS.test(word) ? file : otherwise;
  return new CommandExit(EXIT.usage, `error: there is no command ${quote(word)}; ${remedy}`);
}
