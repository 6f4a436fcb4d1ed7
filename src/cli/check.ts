import type { Command } from 'commander';
import type { App } from '../app/app.ts';
import { isLoopbackHost } from '../base/is-loopback-host.ts';
import { counted, toTenths } from '../base/text.ts';
import type { Config, FleetConfig } from '../config/config.ts';
import { costPerMinute } from '../config/cost.ts';
import { formatProblem } from '../config/problem.ts';
import { shardText } from '../domain/shard.ts';
import { type CheckResult, checkText, NOTHING_FOUND } from './check-text.ts';
import { type CliIo, CommandExit, EXIT } from './command.ts';
import { CONFIG_OPTION, type ConfigOptions, loader } from './configuration.ts';
import { exitOfRows, liveRows } from './live-rows.ts';
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
    const { exit_code = EXIT.ok } = found;
    const result: CheckResult = { ...NOTHING_FOUND, ...found, ok: exit_code === EXIT.ok };
    io.stdout(json ? `${JSON.stringify(result, null, 2)}\n` : checkText(result, live));
    if (!result.ok) throw new CommandExit(exit_code);
  };
  const load = loader(io, options);
  const loaded = await load();
  if (!loaded.ok) return print({ exit_code: EXIT.usage, problems: loaded.problems.map(formatProblem) });
  const { config } = loaded;
  const shards = { shard: shardText(config.shard), configured_elsewhere: config.configuredElsewhere.length };
  const notices = loaded.notices.map(formatProblem);
  if (!live) return print({ ...shards, ...ofFleet(config, notices, []) });
  // Failures are in the table: the log would only repeat them. What `print` throws ends the command.
  await readOnce(io, { config, load, quiet: true }, (app) => {
    const rows = liveRows({ app, config });
    // Only now is it known what discovery finds.
    const found = { ...config, environments: app.fleet.members };
    const answered = app.discovery
      .outcomes()
      .flatMap(({ connection, failure }) => (failure === null ? connection : []));
    const fleet = ofFleet(found, [...notices, ...serviceNotices(config)], answered);
    print({ ...shards, ...fleet, live: rows, exit_code: exitOfRows(rows), clock_skew_seconds: largestSkew(app) });
  });
}

/** What depends on which environments there are. `answered`: the connections whose discovery has answered already. */
function ofFleet(config: FleetConfig, notices: readonly string[], answered: readonly string[]) {
  const costs = costPerMinute(config);
  const stretched = costs.filter(({ requestsPerMinute, capacity }) => requestsPerMinute > capacity);
  return {
    watched: config.environments.map(({ environment }) => environment.id),
    cost: costs.map(({ connection, requestsPerMinute, eachDiscovered: each, budget }) => ({
      connection,
      requests_per_minute: toTenths(requestsPerMinute),
      per_discovered_environment: each === null || answered.includes(connection) ? null : toTenths(each),
      budget,
    })),
    notices: [
      ...notices,
      ...stretched.map(({ connection, requestsPerMinute: needed, capacity, budget }) => {
        const need = `${counted(toTenths(needed), ['request', 'requests'])} a minute`;
        const enough = Math.ceil((needed / capacity) * budget);
        return `connection ${connection}: reads will be stretched, because they need ${need} and ${Math.floor(capacity)} of ${budget} may be scheduled; those without work are slowed down first; raise requests_per_minute to ${enough} to read at full pace`;
      }),
    ],
  };
}

/** Answers do not tell who runs the service, but the address does: only Anthropic's own is in its domain. */
function serviceNotices({ connections }: Config): string[] {
  return connections.flatMap(({ name, provider, baseUrl }) => {
    const { hostname } = new URL(baseUrl);
    // A simulator or a gateway on this machine is neither.
    if (provider !== 'anthropic' || /(?:^|\.)anthropic\.com$/.test(hostname) || isLoopbackHost(hostname)) return [];
    const remedy = 'set provider: self-hosted-service, so that what it says fits';
    return [`connection ${name}: its address is not Anthropic's; if you run the service yourself, ${remedy}`];
  });
}

/** The skew of the connection whose clock is furthest off: that is the one to fix. */
function largestSkew({ connections }: App): number | null {
  const known = connections.all().flatMap(({ apiClock }) => apiClock.measuredMs ?? []);
  const [largest = null] = known.toSorted((one, other) => Math.abs(other) - Math.abs(one));
  return largest === null ? null : largest / 1000;
}
