import { type Random, seededRandom } from '../../../src/base/clock.ts';
import { switchesFor } from '../../../src/simulator/switches.ts';
import { PRESETS, PROVIDERS, type ProviderName } from '../../../src/wire/presets.ts';
import { type Healthy, SIGHT_TROUBLES, type Trouble, WORK_TROUBLES } from './troubles.ts';

type Tree = Readonly<Record<string, unknown>>;

/** One thing that goes wrong, between two minutes of the world. */
export interface Happening {
  readonly name: string;
  readonly trouble: Trouble;
  readonly begins: number;
  readonly ends: number;
}

/** A world in which one or two things go wrong for a while, as a scenario. */
export interface RandomWorld {
  readonly name: string;
  readonly seed: number;
  readonly happenings: readonly Happening[];
  /** Names of environments in which things go wrong. */
  readonly troubled: readonly string[];
  readonly hasSlowReplica: boolean;
  /** An exporter that starts again has no state file: it tells anew what it told before. */
  readonly forgets: boolean;
  /** Minutes in which an exporter goes away. */
  readonly restarts: readonly number[];
  readonly longestRunMinutes: number;
  readonly minutes: number;
  readonly scenario: Tree;
}

/** Every wait and every window but the longest has passed. */
const AFTERWARDS_MINUTES = 30;
const STRICTER = { thresholds: { queue_age: { warning: '4m', critical: '12m' } } };
const BEHIND = {
  poll: { stats_interval: '3m', list_interval: '4m', max_stats_interval: '5m', max_list_interval: '5m' },
};

export const TROUBLES = { ...WORK_TROUBLES, ...SIGHT_TROUBLES };

/** @param count of troubles: 1, or 2 of which one is about work and the other about what is seen of it */
export function randomWorld(name: string, seed: number, count: 1 | 2): RandomWorld {
  const random = seededRandom(seed * 32_452_843 + hashOf(name));
  const isOfWork = name in WORK_TROUBLES;
  const other =
    count === 1
      ? null
      : pick(
          random,
          Object.keys(isOfWork ? SIGHT_TROUBLES : WORK_TROUBLES).filter((one) => one !== 'nothing'),
        );
  const work = happening(random, isOfWork ? name : (other ?? 'nothing'), WORK_TROUBLES);
  const sightName = isOfWork ? other : name;
  const sight = sightName === null ? null : happening(random, sightName, SIGHT_TROUBLES);
  const happenings = [work, ...(sight === null ? [] : [sight])];
  const minutes = Math.max(work.ends, sight?.ends ?? 0) + AFTERWARDS_MINUTES;
  const provider = providerFor(random, work.trouble);
  const keys = pick(random, keysOf(provider, work.trouble));
  const isDiscovered =
    keys !== 'environment-key' && PRESETS[provider].credentials.environments.includes('api_key') && random() < 0.3;
  const healthy = healthyFleet(random, work.trouble, logarithmic(random, 0.5, 8));
  const total = pick(random, [1, 1, 2, 4, 8]);
  // A whole fleet is not deleted at once.
  const troubledCount = random() < 0.8 || work.trouble.does === 'deleted' ? 1 : total;
  const names = Array.from({ length: total }, (_, number) => `e${number}`);
  const troubled = names.slice(0, troubledCount);
  const exporters = randomExporters(random, minutes, work.trouble.environment === undefined);
  const { begins, ends } = work;
  const steady = {
    workers: healthy.workers,
    arrivals: healthy.perMinute,
    ...{ run: seconds(healthy.run), boot: seconds(healthy.boot) },
    ...(random() < 0.25 && work.trouble.environment === undefined && { wake: { share: 0.2, after: ['10s', '5m'] } }),
    ...(random() < 0.3 && { history: pick(random, [50, 500]) }),
  };
  const newcomer = isDiscovered && work.trouble.does === undefined && random() < 0.5;
  const when = work.trouble.always ? { from: 0 } : { from: begins, to: ends };
  const scenario = {
    ...{ minutes, seed: (seed * 7919 + hashOf(name)) % 1_000_000, provider, keys },
    environments: [
      ...names.map((one) => ({
        ...{ name: one, ...steady },
        ...(troubled.includes(one) && {
          ...work.trouble.environment?.(healthy, begins),
          ...(work.trouble.does && { [work.trouble.does]: begins }),
        }),
      })),
      ...(newcomer ? [{ name: 'new', ...steady, appears: Math.round((begins + ends) / 2) }] : []),
    ],
    troubles: [
      ...(work.trouble.troubles?.(healthy) ?? []).map((one) => ({ ...one, ...when, environments: troubled })),
      ...(sight?.trouble.troubles?.(healthy) ?? []).map((one) => ({ ...one, from: sight!.begins, to: sight!.ends })),
      ...exporters.troubles,
    ],
    api: {
      clock: pick(random, ['0s', '0s', '45s', '10m', '-10m']),
      ...(random() < 0.2 && { workers_polling: false }),
      ...(work.trouble.scenario?.api as Tree | undefined),
    },
    exporter: {
      ...exporters.exporter,
      state_file: random() < 0.5,
      config: {
        ...(random() < 0.2 && { thresholds: { min_workers: 1 } }),
        ...(isDiscovered && { discovery: { enabled: true, interval: '1m' } }),
      },
    },
    prometheus: { scrape_interval: random() < 0.2 ? '60s' : '30s' },
  };
  return {
    ...{ name, seed, happenings, troubled, minutes, scenario },
    hasSlowReplica: exporters.hasSlow,
    restarts: exporters.restarts,
    forgets: exporters.restarts.length > 0 && !scenario.exporter.state_file,
    longestRunMinutes: healthy.run[1] / 60,
  };
}

function happening(random: Random, name: string, from: Readonly<Record<string, Trouble>>): Happening {
  const trouble = from[name]!;
  const begins = trouble.always ? 0 : 12 + Math.round(24 * random()) / 2;
  const chance = 16 + Math.round(24 * random());
  return { name, trouble, begins, ends: begins + (trouble.minutes ?? chance) };
}

function providerFor(random: Random, { needsLease = 0, does }: Trouble): ProviderName {
  const all = ['anthropic', ...PROVIDERS] as const;
  return pick<ProviderName>(
    random,
    // Elsewhere nobody can do anything to an environment.
    all.filter(
      (one) =>
        switchesFor(one).leaseTtlSeconds >= needsLease &&
        (does === undefined || PRESETS[one].credentials.environments.length > 0),
    ),
  );
}

function keysOf(provider: ProviderName, { needsList }: Trouble): readonly string[] {
  const { environmentKeys, credentials } = PRESETS[provider];
  if (!environmentKeys) return ['api-key'];
  const all = ['both', 'both', 'api-key', 'environment-key'];
  return credentials[needsList ? 'list' : 'stats'].includes('api_key') ? all : all.filter((one) => one !== 'api-key');
}

/** Enough workers that hardly anything waits, whatever comes at once. */
function healthyFleet(random: Random, trouble: Trouble, perMinute: number): Healthy {
  const mean = logarithmic(random, 20, pick(random, [120, 400]));
  const boot = pick(random, [
    [1, 2],
    [3, 9],
  ] as const);
  const busy = (1.25 * (trouble.work ?? 1) * perMinute * (mean + boot[1])) / 60;
  const workers = Math.max(2, Math.ceil(busy / (0.2 + 0.4 * random())), Math.ceil(busy + 3 * Math.sqrt(busy)));
  return { workers, run: [Math.round(mean * 0.4), Math.round(mean * 1.6)], boot, perMinute };
}

/** Replicas that restart, scrapes that are lost: none of it is worth a page. */
function randomExporters(random: Random, minutes: number, mayDiffer: boolean) {
  const replicas = random() < 0.3 ? 2 : 1;
  const troubles: Tree[] = random() < 0.3 ? [{ kind: 'scrapes_lost', share: 0.1 }] : [];
  const restarts: number[] = [];
  if (random() < 0.4) {
    for (let at = 5 + Math.ceil(random() * 30); at < minutes; at += 12 + Math.ceil(random() * 40)) {
      restarts.push(at);
      const how = { killed: random() < 0.3, renamed: random() < 0.3 };
      troubles.push({
        kind: 'exporter_away',
        from: at,
        to: at + 0.5 + Math.floor(3 * random()) / 2,
        replica: 1 + Math.floor(replicas * random()),
        ...how,
      });
    }
  }
  const hasSlow = replicas > 1 && random() < 0.3;
  const config = { ...(replicas > 1 && mayDiffer && random() < 0.2 ? STRICTER : {}), ...(hasSlow ? BEHIND : {}) };
  return {
    troubles,
    restarts,
    hasSlow,
    exporter: { replicas, ...(replicas > 1 && { replica_config: { 2: config } }) },
  };
}

function seconds(range: readonly [number, number]): readonly string[] {
  return range.map((one) => `${one}s`);
}

/** So that the same seed makes other worlds of another trouble. */
function hashOf(text: string): number {
  return [...text].reduce((hash, letter) => (hash * 31 + letter.charCodeAt(0)) % 1_000_003, 7);
}

function pick<T>(random: Random, from: readonly T[]): T {
  return from[Math.floor(random() * from.length)]!;
}

/** As likely between 1 and 2 as between 4 and 8. */
function logarithmic(random: Random, least: number, most: number): number {
  return Math.round(least * (most / least) ** random() * 100) / 100;
}
