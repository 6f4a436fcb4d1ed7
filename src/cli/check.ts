import type { Command } from 'commander';
import type { App } from '../app/app.ts';
import { toTenths } from '../base/text.ts';
import type { FleetConfig } from '../config/config.ts';
import { costPerMinute } from '../config/cost.ts';
import { formatProblem } from '../config/problem.ts';
import { shardText } from '../domain/shard.ts';
import { type CheckResult, checkText } from './check-text.ts';
import { type CliIo, CommandExit, EXIT } from './command.ts';
import { CONFIG_OPTION, type ConfigOptions, loader } from './configuration.ts';
import { exitOfRows, liveRows } from './live-rows.ts';
import { costNotices, expiryNotices, serviceNotices, sessionNotices, stateFileNotices } from './notices.ts';
import { readOnce } from './once.ts';

interface CheckOptions extends ConfigOptions {
  readonly live?: boolean;
  readonly json?: boolean;
}

/** `check`: is the configuration valid, what will it cost and, with `--live`, does the API agree? */
export function addCheck(program: Command, io: CliIo): void {
  program
    .command('check')
    .description('check the configuration; with --live also ask the API')
    .option(...CONFIG_OPTION)
    .option('--shard <i/n>', 'check as this shard: I of N, from 0, or auto/N')
    .option('--live', 'read each environment once (GETs only) and say what the API answers')
    .option('--json', 'print JSON')
    .action((options: CheckOptions) => check(io, options));
}

async function check(io: CliIo, { live = false, json = false, ...options }: CheckOptions): Promise<void> {
  const print = (found: Partial<CheckResult>) => {
    const result: CheckResult = { ...NOTHING, ...found };
    io.stdout(json ? `${JSON.stringify(result, null, 2)}\n` : checkText(result, live));
    if (!result.ok) throw new CommandExit(result.exit_code);
  };
  const load = loader(io, options);
  const loaded = await load();
  if (!loaded.ok) return print({ ok: false, exit_code: EXIT.usage, problems: loaded.problems.map(formatProblem) });
  const { config } = loaded;
  const notices = [
    ...loaded.notices.map(formatProblem),
    ...expiryNotices(config, io.clock.now()),
    ...(await stateFileNotices(config)),
    ...sessionNotices(config),
  ];
  const shards = { shard: shardText(config.shard), configured_elsewhere: config.configuredElsewhere.length };
  if (!live) return print({ ...shards, ...ofFleet(config, notices) });
  // Failures are in the table: the log would only repeat them. What `print` throws ends the command.
  await readOnce(io, { config, load, quiet: true }, (app) => {
    const rows = liveRows({ app, config });
    const exitCode = exitOfRows(rows);
    // Only now is it known what discovery finds.
    const outcomes = app.discovery.outcomes().filter(({ failure }) => failure === null);
    const answered = outcomes.map(({ connection }) => connection);
    const found = { ...config, environments: app.fleet.members };
    const fleet = ofFleet(found, [...notices, ...serviceNotices(config)], answered);
    const outcome = { ok: exitCode === EXIT.ok, exit_code: exitCode, live: rows, clock_skew_seconds: largestSkew(app) };
    print({ ...shards, ...fleet, ...outcome });
  });
}

const NOTHING: CheckResult = {
  schema: 1,
  ok: true,
  exit_code: EXIT.ok,
  problems: [],
  notices: [],
  shard: null,
  watched: [],
  configured_elsewhere: 0,
  live: [],
  cost: [],
  clock_skew_seconds: null,
};

/** What depends on which environments there are. `answered`: the connections whose discovery has answered already. */
function ofFleet(config: FleetConfig, notices: readonly string[], answered: readonly string[] = []) {
  const cost = costPerMinute(config).map(({ connection, requestsPerMinute, eachDiscovered: each, budget }) => ({
    connection,
    requests_per_minute: toTenths(requestsPerMinute),
    per_discovered_environment:
      each === null || answered.includes(connection) ? null : toTenths(each.requestsPerMinute),
    budget,
  }));
  const watched = config.environments.map(({ environment }) => environment.id);
  return { watched, cost, notices: [...notices, ...costNotices(config, answered)] };
}

/** The skew of the connection whose clock is furthest off: that is the one to fix. */
function largestSkew({ connections }: App): number | null {
  const known = connections.all().flatMap(({ config }) => connections.measuredMs(config.name) ?? []);
  const [largest = null] = known.toSorted((one, other) => Math.abs(other) - Math.abs(one));
  return largest === null ? null : largest / 1000;
}
