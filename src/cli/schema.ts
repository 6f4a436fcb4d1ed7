import { Command } from 'commander';
import { configurationSchema } from '../config/load/configuration-schema.ts';
import type { CliIo } from './command/io.ts';

/** `schema`: the configuration's JSON Schema, for editors and CI. */
export function schemaCommand(io: CliIo): Command {
  return new Command('schema')
    .description("print the configuration's JSON Schema")
    .action(() => io.stdout(`${JSON.stringify(configurationSchema(), null, 2)}\n`));
}
