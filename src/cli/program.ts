import { Command } from 'commander';
import { buildOf } from './command/build.ts';
import { chosenCommands, rejectLateCommand } from './command/chosen-command.ts';
import type { CliIo } from './command/io.ts';
import { optionForArgument, withOptionMeant } from './command/option-hints.ts';
import { rejectKeys } from './command/reject-keys.ts';
import { suggestChoices } from './command/suggest-choices.ts';
import { withoutLogins } from './command/without-logins.ts';

/** Each command, loaded only where it is asked for: loading takes most of a start. */
const COMMANDS: Readonly<Record<string, () => Promise<(io: CliIo) => Command>>> = {
  serve: async () => (await import('./serve.ts')).serveCommand,
  once: async () => (await import('./once.ts')).onceCommand,
  check: async () => (await import('./check/check.ts')).checkCommand,
  schema: async () => (await import('./schema.ts')).schemaCommand,
  simulate: async () => (await import('./simulate.ts')).simulateCommand,
  demo: async () => (await import('./demo.ts')).demoCommand,
  rehearse: async () => (await import('./rehearse.ts')).rehearseCommand,
  drill: async () => (await import('./drill/drill.ts')).drillCommand,
  rules: async () => (await import('./rules.ts')).rulesCommand,
  dashboards: async () => (await import('./dashboards.ts')).dashboardsCommand,
};
/** What arguments that begin with an option are for. */
const DEFAULT = 'serve';

/**
 * The program with the commands that these arguments can mean; as in `process.argv`, they begin with the program's own
 * name. Parsing them then throws, and never ends the process.
 * @throws when a key is among the arguments, or they name no command
 */
export async function loadProgram(io: CliIo, argv: readonly string[]): Promise<Command> {
  rejectKeys(argv.slice(2));
  const program = new Command('anthropic-work-exporter')
    .description("Prometheus exporter for the work queues of Claude Managed Agents' self-hosted environments")
    .version(buildOf(io.env).version);
  for (const name of chosenCommands(argv.slice(2), Object.keys(COMMANDS), DEFAULT)) {
    const command = (await COMMANDS[name]!())(io);
    if (name === DEFAULT)
      rejectLateCommand(
        argv.slice(2),
        Object.keys(COMMANDS),
        command.options.map(({ long }) => long),
      );
    program.addCommand(command, { isDefault: name === DEFAULT });
  }
  for (const command of [program, ...program.commands]) {
    suggestChoices(command);
    command.exitOverride();
    const name = command === program ? '' : ` ${command.name()}`;
    command.showHelpAfterError(`To see what it takes: ${program.name()}${name} --help`);
    command.configureOutput({
      writeOut: (text) => io.stdout(text),
      writeErr: (text) => io.stderr(text),
      outputError: (text, write) => {
        const placed = withPlaceOfArgument(text, { command, dashes: argv.includes('--') });
        write(withoutLogins(withOptionMeant(placed, command), argv.slice(2)));
      },
    });
  }
  return program;
}

/** Other programs take their configuration file as an argument, and people try the same with other things. */
function withPlaceOfArgument(
  error: string,
  { command, dashes }: { readonly command: Command; readonly dashes: boolean },
): string {
  if (!error.startsWith('error: too many arguments')) return error;
  // What stands after two dashes is no option.
  const hint = dashes ? 'Leave out the -- before them.' : optionForArgument(command);
  return hint === null ? error : `${error.trimEnd()} ${hint}\n`;
}
