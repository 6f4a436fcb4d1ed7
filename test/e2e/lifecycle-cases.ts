import type { Switches } from '../../src/simulator/queue/switches.ts';
import { SCENARIO_NAMES } from '../../src/simulator/scenarios/scenarios.ts';
import { PROVIDERS, type ProviderName } from '../../src/wire/presets.ts';

export interface Case {
  readonly scenario: string;
  readonly preset: ProviderName;
  readonly listOrder: Switches['listOrder'];
  /** Largest page; null: the preset's own. */
  readonly limit: number | null;
  readonly requeueStamps: Switches['requeueStamps'];
  readonly seed?: number;
}

const ORDERS = ['newest', 'oldest', 'shuffled'] as const;
/** 7: many pages, read in order; 40: a few, read whole at first; its own: mostly one. */
const LIMITS = [7, 40, null] as const;
const STAMPS = ['cleared', 'kept'] as const;

/** A hundred thousand items in pages of seven would take longer than everything else. */
const LONG = 'long-history';

/** Every scenario of every preset; orders, limits and stamps in turn, so that each pair of values meets. */
export const CASES: readonly Case[] = SCENARIO_NAMES.flatMap((scenario, s) =>
  PROVIDERS.map((preset, p) => ({
    scenario,
    preset,
    listOrder: ORDERS[(s + p) % 3]!,
    limit: LIMITS[(s + 2 * p) % 3]!,
    requeueStamps: STAMPS[(s + p + Math.floor(s / 3)) % 2]!,
    seed: 1 + ((s + p) % 7),
  })),
).filter(({ scenario }) => scenario !== LONG);

export const LONG_CASES: readonly Case[] = [
  { scenario: LONG, preset: 'anthropic', listOrder: 'newest', limit: null, requeueStamps: 'cleared' },
  { scenario: LONG, preset: 'google', listOrder: 'oldest', limit: null, requeueStamps: 'kept' },
];

/** Every transition there is, in worlds that a read every second and a half misses nothing of. */
export const DENSE_CASES: readonly Case[] = [
  'steady',
  'leases-lapsing',
  'deploy',
  'requeue-storm',
  'head-of-line',
].flatMap((scenario, s) =>
  PROVIDERS.map((preset, p) => ({
    scenario,
    preset,
    listOrder: ORDERS[(s + p) % 3]!,
    limit: null,
    requeueStamps: STAMPS[(s + p) % 2]!,
  })),
);

export function switchesOf({ listOrder, limit, requeueStamps }: Case): Partial<Switches> {
  return { listOrder, requeueStamps, ...(limit === null ? {} : { maxPageSize: limit }) };
}
