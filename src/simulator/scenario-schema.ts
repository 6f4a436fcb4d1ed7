import { z } from 'zod';
import type { FileReader } from '../base/files.ts';
import { readYaml } from '../config/files.ts';
import { parseDuration } from '../config/option-types.ts';
import {
  firstProblems,
  type Path,
  type Problem,
  quote,
  Report,
  remedyForUnknown,
  type Source,
  sortProblems,
} from '../config/problem.ts';
import { CONDITION_NAMES } from '../diagnosis/conditions.ts';
import { SEVERITIES } from '../domain/environment.ts';
import { PROVIDERS } from '../wire/presets.ts';

const secondsOf = (text: string) => (parseDuration(text) ?? Number.NaN) / 1000;

/** Seconds of `40s` or `2m30s`. */
const length = z
  .string({ error: 'must be a duration such as 40s or 5m' })
  .transform(secondsOf)
  .refine((seconds) => seconds >= 0 && seconds <= 30 * 86_400, { error: 'must be a duration such as 40s or 5m' });

const minutes = z.number().min(0).max(1e5);
/** A moment in seconds since the scenario began; `start` is before everything. */
const moment = z.union(
  [
    minutes.transform((given) => Math.round(given * 60_000) / 1000),
    length,
    z.literal('start').transform(() => Number.NEGATIVE_INFINITY),
  ],
  { error: 'must be minutes since the start, such as 12, a duration such as 90s, or start' },
);
/** It comes again after so long. */
const repeats = length.refine((seconds) => seconds >= 1, { error: 'must be 1s or more' }).optional();
const period = { from: moment.optional(), to: moment.optional(), repeats };

/** Seconds, from and to. */
const range = z.union(
  [length.transform((seconds) => [seconds, seconds] as const), z.tuple([length, length]).readonly()],
  { error: 'must be a duration such as 40s, or a range such as [40s, 80s]' },
);

/** Seconds, also below 0. */
const offset = z
  .string()
  .transform((text) => (text.startsWith('-') ? -1 : 1) * secondsOf(text.replace(/^[-+]/, '')))
  .refine((seconds) => !Number.isNaN(seconds), { error: 'must be a duration such as 90s or -90s' });

const share = z.number().min(0).max(1);
const count = z.int().min(0).max(100_000);
const name = z.union([z.string().min(1), z.number().transform(String)]);
const names = z.union([name.transform((one) => [one]), z.array(name).min(1)]);

const arrival = z.union([
  z.strictObject({
    per_minute: z.number().min(0).max(10_000),
    ...period,
    together: z.int().min(1).max(10_000).default(1),
    run: range.optional(),
  }),
  z.strictObject({
    at: moment,
    repeats,
    items: count.default(1),
    run: range.optional(),
    kind: z.enum(['session', 'healthcheck']).default('session'),
  }),
]);

/** Workers that work starts: `after` it has come, until there has been none for `stays`. */
const onDemand = z.strictObject({ after: range.default([2, 10]), stays: length.default(0) });

const fleet = z.strictObject({
  count,
  ...period,
  run: range.optional(),
  boot: range.optional(),
  on_demand: onDemand.optional(),
});

/** Of the exporter's configuration; its loader checks them. */
const settings = z.record(z.string(), z.unknown());

/** What a scenario may say of an environment of the exporter. */
export const SETTINGS = ['poll', 'sessions', 'thresholds', 'slo', 'scaling', 'metadata', 'labels', 'expires'] as const;
const KEYS = ['both', 'api-key', 'environment-key', 'none'] as const;
const perMinute = z.number().min(0).max(10_000);
type Arrivals = z.infer<typeof arrival>[];

const environment = z.strictObject({
  id: name.optional(),
  name: name.optional(),
  connection: name.default('default'),
  keys: z.enum(KEYS).optional(),
  arrivals: z
    .union([perMinute.transform((rate): Arrivals => [{ per_minute: rate, together: 1 }]), z.array(arrival)])
    .default([{ per_minute: 2, together: 1 }]),
  workers: z
    .union([count.transform((all): z.infer<typeof fleet>[] => [{ count: all }]), z.array(fleet)])
    .default([{ count: 4 }]),
  run: range.default([40, 80]),
  boot: range.default([1, 3]),
  healthchecks_per_hour: perMinute.default(0),
  /** Sessions that get new work after their run. */
  wake: z.strictObject({ share, after: range }).optional(),
  /** Runs that somebody asks to stop. */
  stop_share: share.default(0),
  /** How long a worker that was asked to stop goes on with its tool. */
  finishes_tool: range.optional(),
  history: count.default(0),
  appears: moment.optional(),
  archived: moment.optional(),
  deleted: moment.optional(),
  ...Object.fromEntries(SETTINGS.map((key) => [key, (key === 'expires' ? z.unknown() : settings).optional()])),
});

const from = moment.default(600);
const when = { ...period, from, environments: names.optional() };
const OPERATIONS = ['stats', 'list', 'retrieve', 'session', 'environments'] as const;
const ofApi = {
  ...when,
  connections: names.optional(),
  operations: z.array(z.enum(OPERATIONS)).min(1).optional(),
  share: share.default(1),
};
const ofRuns = { ...when, share: share.default(1) };
const restart = range.default([20, 40]);
const outside = { from, to: moment.default(660) };

function kind<K extends string, S extends z.ZodRawShape>(name: K, shape: S) {
  return z.strictObject({ kind: z.literal(name), ...shape });
}

/** What goes wrong, by kind. docs/simulator.md says what each is. */
const trouble = z.discriminatedUnion('kind', [
  kind('workers_leave', { left: count.default(0), ...when }),
  kind('workers_die', { left: count.default(0), restart: range.optional(), lives: range.optional(), ...when }),
  kind('wakes_lost', { ...when, share: share.default(1) }),
  kind('workers_hang', ofRuns),
  kind('workers_roll', { every: length.default(60), away: length.default(20), ...when }),
  kind('boots_hang', ofRuns),
  kind('boots_fail', { restart, ...ofRuns }),
  kind('claims_lost', { restart, ...ofRuns }),
  kind('runs_die', { restart, ...ofRuns }),
  kind('runs_take', { run: range, ...when }),
  kind('heartbeats_late', { gap: range.default([90, 151]), ...when, share: share.default(0.2) }),
  kind('items_stay_stopping', ofRuns),
  kind('more_work', { times: z.number().min(0).max(1000).default(4), ...when }),
  kind('burst', { items: count.default(40), every: length.optional(), run: range.optional(), ...when }),
  kind('bad_sessions', {
    conduct: z.enum(['kills_worker', 'wedges', 'awaits_approval', 'terminates']),
    sessions: count.default(1),
    ...when,
  }),
  kind('blocked_head', when),
  kind('api_error', {
    status: z.int().min(400).max(599).default(503),
    retry_after: length.optional(),
    ...ofApi,
  }),
  kind('api_limited', { retry_after: length.default(15), ...ofApi }),
  kind('api_timeout', ofApi),
  kind('api_unreachable', ofApi),
  kind('api_garbage', { status: z.int().min(200).max(599).default(200), ...ofApi }),
  kind('api_slow', { latency: length.default(4), ...ofApi }),
  kind('api_cached', { age: length.default(40), ...ofApi }),
  kind('api_lags', { behind: length.default(60), ...ofApi }),
  kind('ages_withheld', ofApi),
  kind('key_refused', { key: z.enum(['api-key', 'environment-key', 'both']).default('both'), ...ofApi }),
  kind('api_clock', { ahead: offset, ...when, connections: names.optional() }),
  kind('exporter_clock', { ahead: offset, from, to: moment.optional() }),
  kind('exporter_away', {
    ...outside,
    replica: z.int().min(1).optional(),
    killed: z.boolean().default(false),
    state_file: z.enum(['kept', 'lost']).default('kept'),
    renamed: z.boolean().default(false),
  }),
  kind('prometheus_away', outside),
  kind('scrapes_lost', { share: share.default(0.1), from: moment.default(0), to: moment.optional() }),
]);

const page = z.strictObject({
  condition: z.enum(CONDITION_NAMES),
  severity: z.enum(SEVERITIES).optional(),
  environment: name.optional(),
  connection: name.optional(),
  from: moment.default(0),
  to: moment.optional(),
  ended_by: moment.optional(),
  /** It may be missing. */
  optional: z.boolean().default(false),
});

const MOST_SEED = 2 ** 31;

/** A scenario as it is written: docs/simulator.md. */
export const scenarioSchema = z.strictObject({
  description: z.string().optional(),
  minutes: z.number().min(1).max(100_000).default(60),
  /** For so long it has been going on when an exporter begins to look. */
  warm_up: length.default(600),
  seed: z.int().min(0).max(MOST_SEED).default(1),
  provider: z.enum(PROVIDERS).default('anthropic'),
  keys: z.enum(KEYS).default('both'),
  environments: z.array(environment).min(1).prefault([{}]),
  troubles: z.array(trouble).default([]),
  api: z
    .strictObject({
      clock: offset.optional(),
      lease: length.optional(),
      list_order: z.enum(['newest', 'oldest', 'shuffled']).optional(),
      max_page_size: z.int().min(1).optional(),
      over_limit: z.enum(['refuse', 'cap']).optional(),
      workers_polling: z.boolean().optional(),
      starting_lapses: z.boolean().optional(),
      retention: length.optional(),
    })
    .default({}),
  exporter: z
    .strictObject({
      replicas: z.int().min(1).max(10).default(1),
      clock: offset.default(0),
      state_file: z.boolean().default(false),
      config: settings.default({}),
      /** Added to the configuration of one replica, by its number. */
      replica_config: z.record(z.string().regex(/^\d+$/), settings).default({}),
    })
    .prefault({}),
  prometheus: z
    .strictObject({ scrape_interval: length.default(30), evaluation_interval: length.default(30) })
    .prefault({}),
  expect: z.strictObject({ pages: z.union([z.literal('none').transform(() => []), z.array(page)]) }).optional(),
});

export type ScenarioFile = z.infer<typeof scenarioSchema>;
/** As it is written. */
export type ScenarioInput = z.input<typeof scenarioSchema>;
export type Trouble = z.infer<typeof trouble>;
export type EnvironmentEntry = z.infer<typeof environment>;
export type ExpectedPage = z.infer<typeof page>;

/** For editors: what may be written. */
export function scenarioJsonSchema(): unknown {
  return z.toJSONSchema(scenarioSchema, { io: 'input' });
}

export type ReadScenario =
  | { readonly ok: true; readonly scenario: ScenarioFile; readonly source: Source }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/**
 * Reads a scenario from a file, in YAML or JSON. Never throws for what a user wrote.
 *
 * @param entries the environments where the scenario names none
 */
export async function readScenario(
  path: string,
  files: FileReader,
  entries: readonly { readonly id: string; readonly name: string; readonly connection?: string }[] = [],
): Promise<ReadScenario> {
  const parsed = await readYaml(path, files);
  if (!parsed.ok) return { ok: false, problems: parsed.problems.map(inWordsOfThisFile) };
  const { source } = parsed;
  const tree = entries.length === 0 ? source.tree : { environments: entries, ...source.tree };
  const report = new Report(source);
  const { data: scenario, error } = scenarioSchema.safeParse(tree, { error: inWords, reportInput: true });
  for (const issue of error?.issues ?? []) tell(issue, report);
  if (scenario !== undefined) checkTroubles(scenario, report);
  const { problems } = report;
  if (scenario === undefined || problems.length > 0)
    return { ok: false, problems: firstProblems(sortProblems(problems)) };
  return { ok: true, scenario, source };
}

type Issue = z.core.$ZodIssue;

/** What zod says less well; of an unknown key, those that are known at its place. */
function inWords(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code === 'unrecognized_keys' && issue.inst instanceof z.ZodObject)
    return Object.keys(issue.inst.shape).join();
  if (issue.code !== 'invalid_type') return undefined;
  return issue.input === undefined ? 'is missing' : `must be of type ${issue.expected}`;
}

function tell(issue: Issue, report: Report, above: Path = []): void {
  const path = [...above, ...(issue.path as Path)];
  const [words, given] = wordsFor(issue);
  if (issue.code === 'unrecognized_keys') {
    const known = issue.message.split(',');
    for (const key of issue.keys)
      report.problem([...path, key], `unknown key ${quote(key)}`, remedyForUnknown(key, known), 'key');
  } else if (words.length > 0 && given === undefined) {
    report.problem(path, `needs a ${String(path.at(-1))}`, `one of: ${words.join(', ')}`);
  } else if (words.length > 0) {
    report.problem(path, `${quote(String(given))} is not known here`, remedyForUnknown(String(given), words));
  } else if (issue.code === 'invalid_union' && !issue.message.startsWith('must ')) {
    for (const one of formMeant(issue)) tell(one, report, path);
  } else report.problem(path, issue.message, 'docs/simulator.md shows what a scenario has');
}

/** What is wrong in the form that was meant: a list is the last one, and else it is the one that knows the most keys. */
function formMeant({ errors, input }: z.core.$ZodIssueInvalidUnion): readonly Issue[] {
  const unknown = (issues: readonly Issue[]) =>
    issues.flatMap((one) => (one.code === 'unrecognized_keys' ? one.keys : [])).length;
  return Array.isArray(input) ? errors.at(-1)! : errors.toSorted((one, other) => unknown(one) - unknown(other))[0]!;
}

/** The words of which one must stand here, such as the kinds of trouble, and what does. */
function wordsFor(issue: Issue): readonly [words: readonly string[], given: unknown] {
  if (issue.code === 'invalid_value') return [issue.values.map(String), issue.input];
  if (issue.code !== 'invalid_union' || !('options' in issue)) return [[], undefined];
  return [(issue.options as unknown[]).map(String), (issue.input as { readonly kind?: unknown }).kind];
}

/** Troubles that name an environment or a connection that there is not, and those that end before they begin. */
function checkTroubles({ environments, troubles }: ScenarioFile, report: Report): void {
  const known = {
    environments: environments.flatMap(({ name, id }) => [name ?? id ?? 'prod', id]).filter((one) => one !== undefined),
    connections: ['default', ...environments.map(({ connection }) => connection)],
  };
  for (const [number, trouble] of troubles.entries()) {
    const named = { environments: undefined, connections: undefined, ...trouble };
    for (const key of ['environments', 'connections'] as const) {
      for (const name of named[key]?.filter((one) => !known[key].includes(one)) ?? []) {
        const remedy = remedyForUnknown(name, [...new Set(known[key])]);
        report.problem(['troubles', number, key], `there is no ${quote(name)} here`, remedy);
      }
    }
    if (trouble.to !== undefined && trouble.to <= trouble.from)
      report.problem(['troubles', number, 'to'], 'must be later than from', 'from is minute 10 where it is not given');
  }
}

function inWordsOfThisFile(problem: Problem): Problem {
  return problem.what === 'the file is not a map of options'
    ? { ...problem, remedy: 'begin with a key such as troubles:' }
    : problem;
}
