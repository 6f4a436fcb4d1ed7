import { Command } from 'commander';
import type { App } from '../../app/app.ts';
import { toTenths } from '../../base/text.ts';
import type { Config, FleetConfig } from '../../config/config.ts';
import { costPerMinute } from '../../config/cost.ts';
import { formatProblem } from '../../config/file/problem.ts';
import { shardText } from '../../domain/shard.ts';
import { CommandExit, EXIT } from '../command/command-exit.ts';
import { type ConfigOptions, loader } from '../command/configuration.ts';
import type { CliIo } from '../command/io.ts';
import { readOnce } from '../command/read-once.ts';
import type { CheckResult } from './check-result.ts';
import { checkText } from './check-text.ts';
import { expiryNotices } from './expiry-notices.ts';
import { exitOfRows } from './live-row.ts';
import { liveRows } from './live-rows.ts';
import { costNotices, sessionNotices } from './notices.ts';
import { stateFileNotices } from './state-file-notices.ts';

interface CheckOptions extends ConfigOptions {
  readonly live?: boolean;
  readonly json?: boolean;
}

/** `check`: is the configuration valid, what will it cost and, with `--live`, does the API agree? */
export function checkCommand(io: CliIo): Command {
  return new Command('check')
    .description('check the configuration; with --live also ask the API')
    .option('--config <file>', 'configuration file; without one, the environment variables of the SDKs are read')
    .option('--shard <i/n>', 'check as this shard: I of N, from 0, or auto/N')
    .option('--live', 'read each environment once (GETs only) and say what the API answers')
    .option('--json', 'print JSON')
    .action((options: CheckOptions) => check(io, options));
}

async function check(io: CliIo, options: CheckOptions): Promise<void> {
  await report(io, options, (result) => {
    io.stdout(options.json ? `${JSON.stringify(result, null, 2)}\n` : checkText(result, options.live === true));
    if (!result.ok) throw new CommandExit(result.exit_code);
  });
}

/**
 * Hands the result to `print`. With `live`, the app runs until `print` has returned, so that what it throws ends the
 * command.
 */
async function report(
  io: CliIo,
  { live = false, json: _json, ...options }: CheckOptions,
  print: (result: CheckResult) => void,
): Promise<void> {
  const load = loader(io, options);
  const loaded = await load();
  if (!loaded.ok) return print(invalidResult(loaded.problems.map(formatProblem)));
  const { config } = loaded;
  const notices = [
    ...loaded.notices.map(formatProblem),
    ...expiryNotices(config, io.clock.now()),
    ...(await stateFileNotices(config)),
    ...sessionNotices(config),
  ];
  if (!live) return print(validResult(config, notices));
  // Failures are in the table: the log would only repeat them.
  await readOnce(io, { config, load, quiet: true }, async (app) => print(liveResult(app, config, notices)));
}

const NOTHING_READ = { schema: 1, live: [], cost: [], notices: [], clock_skew_seconds: null } as const;

function invalidResult(problems: readonly string[]): CheckResult {
  const nothingWatched = { shard: null, watched: [], configured_elsewhere: 0 };
  return { ...NOTHING_READ, ...nothingWatched, ok: false, exit_code: EXIT.usage, problems };
}

/** @param notices without those about the cost */
function validResult(config: Config, notices: readonly string[]): CheckResult {
  return {
    ...NOTHING_READ,
    ok: true,
    exit_code: EXIT.ok,
    problems: [],
    shard: shardText(config.shard),
    watched: idsOf(config.environments),
    configured_elsewhere: config.configuredElsewhere.length,
    ...costAndNotices(config, notices, []),
  };
}

/** The same after everything was read once. */
function liveResult(app: App, config: Config, notices: readonly string[]): CheckResult {
  const rows = liveRows({ app, config });
  const exitCode = exitOfRows(rows);
  return {
    ...validResult(config, notices),
    ok: exitCode === EXIT.ok,
    exit_code: exitCode,
    live: rows,
    watched: idsOf(app.fleet.members),
    // Only now is it known what discovery finds.
    ...costAndNotices({ ...config, environments: app.fleet.members }, notices, answeredDiscoveries(app)),
    clock_skew_seconds: largestSkew(app, config),
  };
}

/**
 * The cost of what is watched, and all notices: `others`, and those about the cost. `answered`: the connections whose
 * discovery has answered, so that what it found is among the environments of `config`.
 */
function costAndNotices(
  config: FleetConfig,
  others: readonly string[],
  answered: readonly string[],
): Pick<CheckResult, 'cost' | 'notices'> {
  return { cost: costOf(config, answered), notices: [...others, ...costNotices(config, answered)] };
}

function answeredDiscoveries(app: App): string[] {
  return app.discovery.outcomes().flatMap(({ connection, failure }) => (failure === null ? [connection] : []));
}

function idsOf(members: Config['environments']): string[] {
  return members.map(({ environment }) => environment.id);
}

function costOf(config: FleetConfig, answered: readonly string[]): CheckResult['cost'] {
  return costPerMinute(config).map(({ connection, requestsPerMinute, eachDiscovered, budget }) => ({
    connection,
    requests_per_minute: toTenths(requestsPerMinute),
    per_discovered_environment:
      eachDiscovered === null || answered.includes(connection) ? null : toTenths(eachDiscovered.requestsPerMinute),
    budget,
  }));
}

/** The skew of the connection whose clock is furthest off: that is the one to fix. */
function largestSkew(app: App, { connections }: Config): number | null {
  const known = connections.flatMap(({ name }) => app.skews.likelyMs(name) ?? []);
  const [largest = null] = known.toSorted((one, other) => Math.abs(other) - Math.abs(one));
  return largest === null ? null : largest / 1000;
}
