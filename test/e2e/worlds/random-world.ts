import { type Random, seededRandom } from '../../../src/base/random.ts';
import { switchesFor } from '../../../src/simulator/queue/preset-switches.ts';
import type { Switches } from '../../../src/simulator/queue/switches.ts';
import type { EnvironmentPlan, Phase, Scenario, WorkerFleet } from '../../../src/simulator/scenarios/scenario.ts';
import { PRESETS, PROVIDERS, type ProviderName } from '../../../src/wire/presets.ts';
import { type ExporterPlan, randomExporters } from './random-exporters.ts';
import type { Trouble } from './trouble.ts';
import { SIGHT_TROUBLES, WORK_TROUBLES } from './troubles.ts';

export type Keys = 'both' | 'api-key' | 'environment-key';

/** One thing that goes wrong, between two minutes of the world. */
export interface Happening {
  readonly name: string;
  readonly trouble: Trouble;
  readonly begins: number;
  readonly ends: number;
}

/** A world in which one or two things go wrong for a while, and what exporters know of it. */
export interface RandomWorld {
  readonly seed: number;
  readonly happenings: readonly Happening[];
  readonly preset: ProviderName;
  readonly keys: Keys;
  readonly isDiscovered: boolean;
  readonly switches: Partial<Switches>;
  readonly environments: number;
  /** In the first so many of them things go wrong. */
  readonly troubled: number;
  /** Healthy ones that somebody adds where environments are discovered, and when. */
  readonly newcomers: { readonly count: number; readonly at: number };
  readonly minWorkers: number;
  readonly exporters: ExporterPlan;
  readonly longestRunMinutes: number;
  readonly scenario: Scenario;
  /** Minutes to look at. */
  readonly minutes: number;
  /** For a failure's message. */
  readonly words: string;
}

const FOREVER = 10_000_000;
const WARM_UP_MINUTES = 5;
/** Every wait and every window of a rule but the longest has passed. */
const AFTERWARDS_MINUTES = 30;

/** @param name of a trouble, which may meet another one */
export function randomWorld(name: string, seed: number): RandomWorld {
  const random = seededRandom(seed * 32_452_843 + hashOf(name));
  const isOfWork = name in WORK_TROUBLES;
  const other = random() < 0.5 ? null : pick(random, Object.keys(isOfWork ? SIGHT_TROUBLES : WORK_TROUBLES));
  const work = happening(random, isOfWork ? name : (other ?? 'nothing'), WORK_TROUBLES);
  const sightName = isOfWork ? other : name;
  const sight = sightName === null ? null : happening(random, sightName, SIGHT_TROUBLES);
  const { preset, switches } = provider(random, work.trouble);
  const keys = pick(random, keysOf(preset, work.trouble));
  const { credentials } = PRESETS[preset];
  const isDiscovered = keys === 'api-key' && credentials.environments.includes('api_key') && random() < 0.4;
  const perMinute = logarithmic(random, 0.5, 8);
  // Sessions that wake up are more work.
  const sufficient = sufficientFleet(random, perMinute / (1 - (work.trouble.always?.wake?.share ?? 0)));
  const fleet = { ...sufficient, ...work.trouble.always?.fleet };
  const skewSeconds = pick(random, [0, 0, 45, 600, -600]);
  const environments = pick(random, [1, 1, 2, 4, 8]);
  // A whole fleet is not deleted at once.
  const troubled = random() < 0.8 || work.trouble.does === 'delete' ? 1 : environments;
  const plan = troubledPlan(random, { work, fleet, perMinute });
  const healthy: EnvironmentPlan = { phases: [{ seconds: FOREVER, arrivals: { perMinute }, fleets: [sufficient] }] };
  const newcomers = {
    count: isDiscovered && work.trouble.does === undefined ? pick(random, [0, 1, 3]) : 0,
    at: Math.round((work.begins + work.ends) / 2),
  };
  const minutes = Math.max(work.ends, sight?.ends ?? 0) + AFTERWARDS_MINUTES;
  const exporters = randomExporters(random, minutes, { mayDiffer: work.trouble.settings === undefined });
  const minWorkers = random() < 0.2 ? 1 : 0;
  const chosen = { preset, keys, isDiscovered, switches, environments, troubled, newcomers, minWorkers, exporters };
  const happenings = [work, ...(sight === null ? [] : [isDiscovered ? undiscovered(sight, exporters) : sight])];
  return {
    ...{ seed, happenings, minutes, ...chosen },
    longestRunMinutes: fleet.runSeconds[1] / 60,
    scenario: {
      name: 'random',
      happens: name,
      expect: '',
      plans: Array.from({ length: environments + newcomers.count }, (_, number) =>
        number < troubled ? plan : healthy,
      ),
      warmUpSeconds: WARM_UP_MINUTES * 60,
      skewSeconds,
    },
    words: JSON.stringify({
      work: [work.name, work.begins, work.ends],
      sight: sight && [sight.name, sight.begins, sight.ends],
      ...{ ...chosen, skewSeconds, perMinute, fleet },
    }),
  };
}

/** An exporter that starts in the middle of it knows no environment, and that is what it says. */
function undiscovered(sight: Happening, { replicas }: ExporterPlan): Happening {
  const { begins, ends, trouble } = sight;
  const isRestarted = replicas.some(({ absences }) => absences.some(({ to }) => to > begins && to < ends));
  if (!isRestarted || trouble.hides !== 'all' || trouble.page === null) return sight;
  return { ...sight, trouble: { ...trouble, page: [...trouble.page, 'DiscoveryFailing'] } };
}

function happening(random: Random, name: string, from: Readonly<Record<string, Trouble>>): Happening {
  const trouble = from[name]!;
  const begins = trouble.always || trouble.settings ? 0 : 12 + Math.round(24 * random()) / 2;
  const chance = 16 + Math.round(24 * random());
  return { name, trouble, begins, ends: begins + (trouble.minutes ?? chance) };
}

function provider(
  random: Random,
  { needsLease = 0, switches, does }: Trouble,
): Pick<RandomWorld, 'preset' | 'switches'> {
  const all = ['anthropic', ...PROVIDERS] as const;
  const preset = pick<ProviderName>(
    random,
    all.filter(
      (one) =>
        switchesFor(one).leaseTtlSeconds >= needsLease &&
        // Elsewhere nobody can do anything to an environment.
        (does === undefined || PRESETS[one].credentials.environments.length > 0),
    ),
  );
  return { preset, switches: { ...(random() < 0.2 ? { workersPollingNull: true } : {}), ...switches } };
}

function troubledPlan(
  random: Random,
  { work, fleet, perMinute }: { work: Happening; fleet: WorkerFleet; perMinute: number },
): EnvironmentPlan {
  const { begins, ends, trouble } = work;
  const { fleet: _, ...always } = trouble.always ?? {};
  const seconds = (ends - begins) * 60;
  const healthy = { fleet, perMinute };
  const during: readonly Phase[] = trouble.phases?.(healthy) ?? [
    {
      seconds,
      ...(trouble.arrivals === undefined ? {} : { arrivals: trouble.arrivals(healthy) }),
      ...(trouble.fleets === undefined ? {} : { fleets: trouble.fleets(healthy) }),
    },
  ];
  const before = during.slice(0, -1);
  const left = seconds - before.reduce((sum, phase) => sum + phase.seconds, 0);
  const isSilent = trouble.page === null && trouble.mayPage === undefined && trouble.fleets === undefined;
  // A page about a wait goes on until it has become shorter, which takes more workers than before.
  const afterwards = trouble.mayPage === undefined ? [1, 2, 5] : [2, 5];
  const after = { ...fleet, workers: fleet.workers * (isSilent ? 1 : pick(random, afterwards)) };
  return {
    phases: [
      { seconds: (begins + WARM_UP_MINUTES) * 60, arrivals: { perMinute }, fleets: [fleet] },
      ...before,
      { ...during.at(-1)!, seconds: left },
      // Workers are only replaced where there were others.
      { seconds: FOREVER, arrivals: { perMinute }, ...(isSilent ? {} : { fleets: [after] }) },
    ],
    // A session that wakes up is work that nobody expects.
    ...(random() < 0.25 && trouble.phases === undefined
      ? { wake: { share: 0.2, afterSeconds: [10, 300] as const } }
      : {}),
    ...(random() < 0.3 ? { history: pick(random, [50, 500]) } : {}),
    ...always,
  };
}

/** Enough workers that hardly anything waits, whatever comes at once. */
function sufficientFleet(random: Random, perMinute: number): WorkerFleet {
  const mean = logarithmic(random, 20, pick(random, [120, 400]));
  const bootSeconds = pick(random, [
    [0.1, 0.5],
    [3, 9],
  ] as const);
  const busy = (perMinute * (mean + bootSeconds[1])) / 60;
  const workers = Math.max(1, Math.ceil(busy / (0.2 + 0.4 * random())), Math.ceil(busy + 3 * Math.sqrt(busy)));
  return { workers, runSeconds: [mean * 0.4, mean * 1.6], bootSeconds };
}

function keysOf(preset: ProviderName, { needsList }: Trouble): readonly Keys[] {
  const { environmentKeys, credentials } = PRESETS[preset];
  if (!environmentKeys) return ['api-key'];
  const all = ['both', 'both', 'api-key', 'environment-key'] as const;
  const withApiKey = credentials[needsList ? 'list' : 'stats'].includes('api_key');
  return withApiKey ? all : all.filter((one) => one !== 'api-key');
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
  return least * (most / least) ** random();
}
