/** Signals are taken from the first line on, before the command that is about to start can say what to do with them. */

const came: NodeJS.Signals[] = [];
let take: ((signal: NodeJS.Signals) => void) | null = null;

function arrived(signal: NodeJS.Signals): void {
  if (take === null) came.push(signal);
  else take(signal);
}

/**
 * Keeps signals for `onSignal`, so that a start that they interrupt ends with the exit code of a stop. Without a handler,
 * SIGQUIT would leave out the last write of the state file, and write the memory, which holds the keys, to a core file.
 */
export function holdSignals(args: readonly string[]): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGQUIT'] as const) process.on(signal, arrived);
  // One that nobody handles ends a process, as it should where nothing can be reloaded: its terminal has closed.
  if (commandOf(args) === 'serve') process.on('SIGHUP', arrived);
  // They mean something to other programs, such as to open their log again. By default Node opens its debugger on
  // SIGUSR1, through which every user of the machine could read the keys.
  for (const signal of ['SIGUSR1', 'SIGUSR2'] as const) process.on(signal, () => {});
}

/** Calls `run` with every signal, and at once with each that has come before. */
export function onSignal(run: (signal: NodeJS.Signals) => void): void {
  take = run;
  came.splice(0).forEach(run);
}

const OF_THE_PROGRAM: ReadonlySet<string> = new Set(['--help', '-h', '--version', '-V']);

/** The command that arguments name: options without a command are those of `serve`. */
export function commandOf([first = '']: readonly string[]): string {
  return first === '' || (first.startsWith('-') && !OF_THE_PROGRAM.has(first)) ? 'serve' : first;
}

/** Commands that end by themselves, with a result. A signal ends the others as it should. */
const PRINTING: ReadonlySet<string> = new Set(['once', 'check', 'schema', 'rehearse', 'rules', 'dashboards']);

/** Whether these arguments ask for a result, which is missing if a signal ends the command. */
export function printsResult(args: readonly string[]): boolean {
  return PRINTING.has(commandOf(args));
}
