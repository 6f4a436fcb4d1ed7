import { Command } from 'commander';
import { buildOf, type CliIo, rejectKeys, withoutLogins } from './command.ts';
import { commandOf } from './start.ts';

/** Each command, loaded only where it is asked for: loading takes most of a start. */
const COMMANDS: Readonly<Record<string, (program: Command, io: CliIo) => Promise<void>>> = {
  serve: async (program, io) => (await import('./serve.ts')).addServe(program, io),
  once: async (program, io) => (await import('./serve.ts')).addOnce(program, io),
  check: async (program, io) => (await import('./check.ts')).addCheck(program, io),
  schema: async (program, io) => (await import('./artifacts.ts')).addSchema(program, io),
  simulate: async (program, io) => (await import('./simulate.ts')).addSimulate(program, io),
  demo: async (program, io) => (await import('./simulate.ts')).addDemo(program, io),
  rehearse: async (program, io) => (await import('./rehearse.ts')).addRehearse(program, io),
  drill: async (program, io) => (await import('./drill.ts')).addDrill(program, io),
  rules: async (program, io) => (await import('./artifacts.ts')).addRules(program, io),
  dashboards: async (program, io) => (await import('./artifacts.ts')).addDashboards(program, io),
};

/** Runs the command that these arguments name. It throws what ends the command, and never ends the process. */
export async function runProgram(io: CliIo, args: readonly string[]): Promise<void> {
  rejectKeys(args);
  const [first] = args;
  const words = commandOf(args) === first ? args : ['serve', ...args];
  const program = await loadProgram(io, words);
  await program.parseAsync(words, { from: 'user' });
}

/** The program with the command that the first word names, or with all of them for the help and for what is misspelt. */
export async function loadProgram(io: CliIo, args: readonly string[]): Promise<Command> {
  const [word = ''] = args;
  const program = new Command('anthropic-work-exporter')
    .description("Prometheus exporter for the work queues of Claude Managed Agents' self-hosted environments")
    .version(buildOf(io.env).version)
    .showHelpAfterError('To see what it takes, add --help.')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.stdout(text),
      writeErr: (text) => io.stderr(text),
      outputError: (text, write) => write(withoutLogins(text, args)),
    });
  for (const name of Object.hasOwn(COMMANDS, word) ? [word] : Object.keys(COMMANDS)) await COMMANDS[name]!(program, io);
  return program;
}
