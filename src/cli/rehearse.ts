import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { nodeFiles } from '../base/files.ts';
import { decodeText } from '../config/file/decode-text.ts';
import { remedyForUnknown } from '../config/file/nearest.ts';
import { formatProblem, type Problem, wholeFile } from '../config/file/problem.ts';
import { quote } from '../config/file/quote.ts';
import type { Source } from '../config/file/sources.ts';
import { readText } from '../config/web/read-text.ts';
import { parseYaml } from '../config/yaml/yaml-source.ts';
import { unexpected } from '../rehearse/expectation.ts';
import { withoutElsewhere } from '../rehearse/exporter-configuration.ts';
import { play } from '../rehearse/play.ts';
import { readScenario } from '../rehearse/read-scenario.ts';
import { namedRehearsal, type Rehearsal, rehearsalOf } from '../rehearse/rehearsal.ts';
import { scenarioJsonSchema } from '../rehearse/scenario-schema.ts';
import { storyOf } from '../rehearse/story.ts';
import { SCENARIO_NAMES, SCENARIOS } from '../simulator/scenarios/scenarios.ts';
import { CommandExit, EXIT } from './command/command-exit.ts';
import type { CliIo } from './command/io.ts';

interface RehearseFlags {
  readonly scenario: string;
  readonly config?: string;
  readonly format: 'text' | 'json';
  readonly minutes?: number;
  readonly seed?: number;
  readonly check?: boolean;
}

/** `rehearse`: what would page, when and why, if a scenario happened; without waiting for it, and without Prometheus. */
export function rehearseCommand(io: CliIo): Command {
  return new Command('rehearse')
    .summary('say what would page, when and why, if a scenario happened')
    .description(
      'play a scenario against this exporter and its rules, on a clock that does not wait, and print what begins, pages and ends. ' +
        'Nothing is sent anywhere',
    )
    .option('--scenario <name|file>', `a file (docs/rehearse.md), or one of: ${SCENARIO_NAMES.join(', ')}`)
    .option('--config <file>', 'a configuration whose intervals, thresholds and environments to use; its keys are not')
    .addOption(
      new Option('--format <format>', 'a story, or one JSON object a line').choices(['text', 'json']).default('text'),
    )
    .option('--minutes <n>', 'how long to play; 60 unless the file says otherwise', wholeNumber)
    .option('--seed <n>', 'the same seed gives the same events', wholeNumber)
    .option('--check', 'fail unless what is told is what the file expects')
    .option('--schema', 'print the JSON Schema of a scenario in a file, for editors')
    .action(
      ({ schema, scenario, ...flags }: Partial<RehearseFlags> & Pick<RehearseFlags, 'format'> & { schema?: true }) => {
        if (schema) return io.stdout(`${JSON.stringify(scenarioJsonSchema(), null, 2)}\n`);
        if (scenario === undefined) throw new CommandExit(EXIT.usage, 'Name what to play: --scenario NAME|FILE.');
        return rehearse(io, { scenario, ...flags });
      },
    );
}

async function rehearse(io: CliIo, flags: RehearseFlags): Promise<void> {
  const base = flags.config === undefined ? null : await configurationIn(flags.config);
  const { rehearsal, source } = await rehearsalFor(flags, base);
  const played = await play(rehearsal, { env: io.env, base, source });
  if (!played.ok) return fail(played.problems);
  const { events } = played;
  io.stdout(
    flags.format === 'json' ? events.map((one) => `${JSON.stringify(one)}\n`).join('') : storyOf(rehearsal, events),
  );
  const wrong = flags.check ? unexpected(rehearsal, events) : [];
  if (wrong.length > 0) throw new CommandExit(EXIT.failed, wrong.map((one) => `not as expected: ${one}`).join('\n'));
}

async function rehearsalFor(
  { scenario, minutes, seed }: RehearseFlags,
  base: Source | null,
): Promise<{ readonly rehearsal: Rehearsal; readonly source: Source | null }> {
  const known = SCENARIOS.find(({ name }) => name === scenario);
  const entries = entriesOf(base);
  if (known !== undefined) return { rehearsal: namedRehearsal(known, entries, { minutes, seed }), source: null };
  if (!/[./\\]/.test(scenario) && !existsSync(scenario)) {
    const remedy = remedyForUnknown(scenario, SCENARIO_NAMES);
    throw new CommandExit(EXIT.usage, `There is no scenario, and no file, named ${quote(scenario)}: ${remedy}`);
  }
  const path = resolve(scenario);
  const read = await readScenario(path, nodeFiles, entries);
  if (!read.ok) return fail(read.problems);
  return { rehearsal: rehearsalOf(read.scenario, scenario, { minutes, seed }), source: read.source };
}

async function configurationIn(file: string): Promise<Source> {
  const path = resolve(file);
  const text = await readText(path, nodeFiles, decodeText);
  if (!text.ok) return fail([{ ...wholeFile(path), ...text.fault }]);
  const parsed = parseYaml(path, text.text);
  if (!parsed.ok || parsed.problems.length > 0) return fail(parsed.problems);
  return { ...parsed.source, tree: withoutElsewhere(parsed.source.tree) };
}

/** The environments that a configuration lists. */
function entriesOf(
  base: Source | null,
): readonly { readonly id: string; readonly name: string; readonly connection: string }[] {
  const listed: unknown = base?.tree.environments;
  return (Array.isArray(listed) ? listed : []).flatMap((one: Readonly<Record<string, unknown>> | null) =>
    typeof one?.id === 'string'
      ? [{ id: one.id, name: String(one.name ?? one.id), connection: String(one.connection ?? 'default') }]
      : [],
  );
}

function fail(problems: readonly Problem[]): never {
  throw new CommandExit(EXIT.usage, problems.map(formatProblem).join('\n'));
}

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('It is not a whole number.');
  return Number(text);
}
