import type { ChildProcess } from 'node:child_process';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import {
  answeredBy,
  configuration,
  cpuMsOf,
  type Listening,
  rssMbOf,
  type ServedSessions,
  startApi,
  startExporter,
} from './processes.ts';

/** The first reads of all environments, and the time that V8 needs to compile what a read runs. */
const WARM_UP_MS = 60_000;
/** One default interval of sessions, within which each is read once. */
const MEASURED_MS = 120_000;

/** Environments whose live items all have long runs. */
export interface LiveFleet {
  readonly environments: number;
  /** Live items of each environment. */
  readonly live: number;
  /** Of stats and of lists. */
  readonly interval: string;
  readonly requestsPerMinute: number;
  /** How the API answers for sessions, or that the exporter does not ask. */
  readonly sessions: Exclude<ServedSessions, 'short'> | 'off';
  /** Other settings of sessions than the default ones. */
  readonly settings?: object;
}

export interface LiveFleetCost {
  /** Of one core, in percent. */
  readonly cpuPercent: number;
  readonly cpuMs: number;
  /** Requests for stats and lists, as many of the one as of the other. */
  readonly pollRequests: number;
  /** Sessions that were read, or found to be unknown. */
  readonly sessions: number;
  /** Requests for sessions and for their idle events. */
  readonly sessionRequests: number;
  readonly rssMb: number;
}

/** One for each fleet. */
type CostsOf<F extends readonly LiveFleet[]> = { readonly [Index in keyof F]: LiveFleetCost };

interface RunningFleet {
  readonly api: Listening;
  readonly exporter: ChildProcess;
}

/** What these fleets cost, each with an exporter and an API of its own, measured at the same time. */
export async function measureLiveFleets<const F extends readonly LiveFleet[]>(fleets: F): Promise<CostsOf<F>> {
  const running = await Promise.all(fleets.map(startFleet));
  await wait(WARM_UP_MS);
  const before = await Promise.all(running.map(look));
  await wait(MEASURED_MS);
  const after = await Promise.all(running.map(look));
  for (const { api, exporter } of running) {
    exporter.kill('SIGKILL');
    api.child.disconnect();
  }
  return after.map((end, n) => costBetween(before[n]!, end)) as CostsOf<F>;
}

async function startFleet(fleet: LiveFleet): Promise<RunningFleet> {
  const { environments, live, interval, requestsPerMinute, sessions, settings } = fleet;
  const api = await startApi(live, sessions === 'off' ? 'known' : sessions);
  const path = configuration({
    api: api.port,
    environments,
    requestsPerMinute,
    poll: { stats_interval: interval, list_interval: interval },
    sessions: { enabled: sessions === 'off' ? 'off' : 'auto', ...settings },
  });
  const { child: exporter } = await startExporter(path);
  return { api, exporter };
}

type Look = Awaited<ReturnType<typeof look>>;

async function look({ api, exporter }: RunningFleet) {
  const answers = await answeredBy(api);
  return { ...answers, at: performance.now(), cpuMs: cpuMsOf(exporter), rssMb: rssMbOf(exporter) };
}

function costBetween(begin: Look, end: Look): LiveFleetCost {
  const cpuMs = end.cpuMs - begin.cpuMs;
  return {
    cpuPercent: (cpuMs / (end.at - begin.at)) * 100,
    cpuMs,
    pollRequests: 2 * (end.polls - begin.polls),
    sessions: end.sessions - begin.sessions,
    sessionRequests: end.sessionRequests - begin.sessionRequests,
    rssMb: end.rssMb,
  };
}

/** `node bench/live-sessions.ts --environments 1000 --live 20` measures a fleet that no row is about. */
if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      environments: { type: 'string', default: '100' },
      live: { type: 'string', default: '100' },
      interval: { type: 'string', default: '10s' },
      'requests-per-minute': { type: 'string', default: '100000' },
      sessions: { type: 'string', default: 'known' },
    },
  });
  const [cost] = await measureLiveFleets([
    {
      environments: Number(values.environments),
      live: Number(values.live),
      interval: values.interval,
      requestsPerMinute: Number(values['requests-per-minute']),
      sessions: values.sessions as LiveFleet['sessions'],
    },
  ]);
  process.stdout.write(`${JSON.stringify(cost)}\n`);
}
