import { Command } from 'commander';
import { checkCommand } from './check/check.ts';
import { buildOf } from './command/build.ts';
import type { CliIo } from './command/io.ts';
import { rejectKeys } from './command/reject-keys.ts';
import { dashboardsCommand } from './dashboards.ts';
import { demoCommand } from './demo.ts';
import { drillCommand } from './drill/drill.ts';
import { onceCommand } from './once.ts';
import { rulesCommand } from './rules.ts';
import { schemaCommand } from './schema.ts';
import { serveCommand } from './serve.ts';
import { simulateCommand } from './simulate.ts';

/**
 * Runs what the arguments say; as in `process.argv`, they begin with the program's own name. Throws, and never ends the
 * process.
 */
export async function runProgram(io: CliIo, argv: readonly string[]): Promise<void> {
  rejectKeys(argv.slice(2));
  await createProgram(io).parseAsync(argv);
}

/** All commands. Parsing throws, and never ends the process. */
export function createProgram(io: CliIo): Command {
  const program = new Command('anthropic-work-exporter')
    .description("Prometheus exporter for the work queues of Claude Managed Agents' self-hosted environments")
    .version(buildOf(io.env).version);
  program.addCommand(serveCommand(io), { isDefault: true });
  for (const command of [
    onceCommand,
    checkCommand,
    schemaCommand,
    simulateCommand,
    demoCommand,
    drillCommand,
    rulesCommand,
    dashboardsCommand,
  ])
    program.addCommand(command(io));
  for (const command of [program, ...program.commands]) {
    command.exitOverride();
    command.configureOutput({ writeOut: (text) => io.stdout(text), writeErr: (text) => io.stderr(text) });
  }
  return program;
}
