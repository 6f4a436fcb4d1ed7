import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { nodeFiles } from '../base/files.ts';
import { readYaml } from '../config/files.ts';
import { quote, type Source } from '../config/problem.ts';
import { withoutElsewhere } from '../rehearse/exporter-configuration.ts';
import { play } from '../rehearse/play.ts';
import { storyOf, unexpected } from '../rehearse/story.ts';
import { scenarioJsonSchema } from '../simulator/scenario-schema.ts';
import { SCENARIO_NAMES, type ScriptOptions } from '../simulator/scenarios.ts';
import { type CliIo, CommandExit, EXIT, wholeNumber } from './command.ts';
import { failed } from './configuration.ts';
import { scenarioNamed } from './simulate.ts';

interface RehearseFlags {
  readonly scenario?: string;
  readonly config?: string;
  readonly format: 'text' | 'json';
  readonly minutes?: number;
  readonly seed?: number;
  readonly check?: boolean;
  readonly schema?: boolean;
}

/** `rehearse`: what would page, when and why, if a scenario happened; without waiting for it, and without Prometheus. */
export function addRehearse(program: Command, io: CliIo): void {
  program
    .command('rehearse')
    .summary('say what would page, when and why, if a scenario happened')
    .description(
      'play a scenario against this exporter and its rules, on a clock that does not wait, and print what begins, pages and ends. ' +
        'Nothing is sent anywhere',
    )
    .option('--scenario <name|file>', `a file (docs/simulator.md), or one of: ${SCENARIO_NAMES.join(', ')}`)
    .option('--config <file>', 'a configuration whose intervals, thresholds and environments to use; its keys are not')
    .addOption(
      new Option('--format <format>', 'a story, or one JSON object a line').choices(['text', 'json']).default('text'),
    )
    .option('--minutes <n>', 'how long to play; 60 unless the file says otherwise', wholeNumber())
    .option('--seed <n>', 'the same seed gives the same events', wholeNumber())
    .option('--check', 'fail unless what is told is what the file expects')
    .option('--schema', 'print the JSON Schema of a scenario in a file, for editors')
    .action((flags: RehearseFlags) => rehearse(io, flags));
}

async function rehearse(io: CliIo, flags: RehearseFlags): Promise<void> {
  if (flags.schema) return io.stdout(`${JSON.stringify(scenarioJsonSchema(), null, 2)}\n`);
  if (flags.scenario === undefined) throw new CommandExit(EXIT.usage, 'Name what to play: --scenario NAME|FILE.');
  const base = flags.config === undefined ? null : await configurationIn(flags.config);
  const { minutes, seed } = flags;
  const environments = entriesOf(base);
  const chosen = environments.length === 0 ? {} : { environments };
  const { script, source } = await scenarioNamed(flags.scenario, { minutes, seed, ...chosen });
  const played = await play(script, { env: io.env, base, source });
  if (!played.ok) return failed(played.problems);
  const { events } = played;
  io.stdout(
    flags.format === 'json' ? events.map((one) => `${JSON.stringify(one)}\n`).join('') : storyOf(script, events),
  );
  io.stderr(noteOf(environments, script.environments, flags.config));
  const wrong = flags.check ? unexpected(script, events) : [];
  if (wrong.length > 0) throw new CommandExit(EXIT.failed, wrong.map((one) => `not as expected: ${one}`).join('\n'));
}

async function configurationIn(file: string): Promise<Source> {
  const path = resolve(file);
  const parsed = await readYaml(path, nodeFiles);
  if (!parsed.ok) return failed(parsed.problems);
  return { ...parsed.source, tree: withoutElsewhere(parsed.source.tree) };
}

type Entries = NonNullable<ScriptOptions['environments']>;

/** Which environments of a configuration the scenario leaves out, so that their settings are not played. */
function noteOf(listed: Entries, played: Entries, file = ''): string {
  const notIn = (others: Entries) => (one: Entries[number]) =>
    !others.some(({ id, name }) => id === one.id || name === one.name);
  const [absent, unset] = [listed.filter(notIn(played)), played.filter(notIn(listed))];
  if (absent.length === 0) return '';
  const defaults = unset.length === 0 ? '' : `; played with the defaults: ${namesOf(unset)}`;
  return `Note: of ${file}, the scenario does not have ${namesOf(absent)}${defaults}\n`;
}

function namesOf(all: Entries): string {
  const names = all.slice(0, 3).map(({ name }) => quote(name));
  return `${names.join(', ')}${all.length > 3 ? ` and ${all.length - 3} more` : ''}`;
}

/** The environments that a configuration lists. */
function entriesOf(base: Source | null): Entries {
  const listed: unknown = base?.tree.environments;
  return (Array.isArray(listed) ? listed : []).flatMap((one: Readonly<Record<string, unknown>> | null) =>
    typeof one?.id === 'string'
      ? [{ id: one.id, name: String(one.name ?? one.id), connection: String(one.connection ?? 'default') }]
      : [],
  );
}
