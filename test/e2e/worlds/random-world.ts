import { type Random, seededRandom } from '../../../src/base/random.ts';
import type { Switches } from '../../../src/simulator/queue/switches.ts';
import type { Fault } from '../../../src/simulator/scenarios/fault.ts';
import type { EnvironmentPlan, Scenario, WorkerFleet } from '../../../src/simulator/scenarios/scenario.ts';
import { PRESETS, PROVIDERS, type ProviderName } from '../../../src/wire/presets.ts';
import { TROUBLES, type Trouble } from './troubles.ts';

export type Keys = 'both' | 'api-key' | 'environment-key';

/** A world in which one thing goes wrong for a while, and what an exporter knows of it. */
export interface RandomWorld {
  readonly seed: number;
  readonly trouble: Trouble;
  readonly preset: ProviderName;
  readonly keys: Keys;
  readonly switches: Partial<Switches>;
  readonly environments: number;
  readonly longestRunMinutes: number;
  readonly scenario: Scenario;
  /** During the trouble. */
  readonly faults: readonly Fault[];
  /** Minutes of the exporter at which the trouble begins and ends, and to look at. */
  readonly begins: number;
  readonly ends: number;
  readonly minutes: number;
  /** For a failure's message. */
  readonly words: string;
}

const FOREVER = 10_000_000;
const WARM_UP_MINUTES = 5;
/** Every wait and every window of a rule but the longest has passed. */
const AFTERWARDS_MINUTES = 45;

export function randomWorld(name: string, seed: number): RandomWorld {
  const trouble = TROUBLES[name]!;
  const random = seededRandom(seed * 32_452_843);
  const preset = pick<ProviderName>(random, ['anthropic', ...PROVIDERS]);
  const keys = pick(random, keysOf(preset, trouble));
  const perMinute = logarithmic(random, 0.5, 8);
  const fleet = sufficientFleet(random, perMinute);
  const begins = 20 + Math.round(10 * random()) / 2;
  const lasts = 16 + Math.round(20 * random());
  const ends = begins + lasts;
  const wake = random() < 0.25 ? { wake: { share: 0.2, afterSeconds: [10, 300] as const } } : {};
  const history = random() < 0.3 ? { history: pick(random, [50, 500]) } : {};
  const during = {
    seconds: lasts * 60,
    ...(trouble.arrivals === undefined ? {} : { arrivals: trouble.arrivals({ fleet, perMinute }) }),
    ...(trouble.fleets === undefined ? {} : { fleets: trouble.fleets({ fleet, perMinute }) }),
  };
  const after = { ...fleet, workers: fleet.workers * pick(random, [2, 5]) };
  const troubled: EnvironmentPlan = {
    phases: [
      { seconds: (begins + WARM_UP_MINUTES) * 60, arrivals: { perMinute }, fleets: [fleet] },
      during,
      { seconds: FOREVER, arrivals: { perMinute }, fleets: [after] },
    ],
    ...wake,
    ...history,
  };
  const healthy: EnvironmentPlan = { phases: [{ seconds: FOREVER, arrivals: { perMinute }, fleets: [fleet] }] };
  const skewSeconds = pick(random, [0, 0, 45, 600, -600]);
  const environments = pick(random, [1, 1, 2]);
  const switches = random() < 0.2 ? { workersPollingNull: true } : {};
  return {
    ...{ seed, trouble, preset, keys, switches, environments, begins, ends },
    longestRunMinutes: fleet.runSeconds[1] / 60,
    scenario: {
      name: 'random',
      happens: name,
      expect: '',
      plans: [troubled, healthy],
      warmUpSeconds: WARM_UP_MINUTES * 60,
      skewSeconds,
    },
    faults: trouble.faults ?? [],
    minutes: ends + AFTERWARDS_MINUTES,
    words: JSON.stringify({ name, preset, keys, switches, skewSeconds, begins, ends, perMinute, fleet, ...wake }),
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

function pick<T>(random: Random, from: readonly T[]): T {
  return from[Math.floor(random() * from.length)]!;
}

/** As likely between 1 and 2 as between 4 and 8. */
function logarithmic(random: Random, least: number, most: number): number {
  return least * (most / least) ** random();
}
