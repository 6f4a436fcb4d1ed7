import type { EpochMs } from '../../../../src/base/clock.ts';
import type { Environment } from '../../../../src/domain/environment.ts';
import { buildEnvironment } from '../../../support/states.ts';

const MINUTE = 60_000;

/** The end of the scripted history; fixed, so that every run and every picture is the same. */
export const END: EpochMs = Date.UTC(2026, 0, 15, 12, 0, 0);

/** The acts of the incident: when each begins, in minutes before the end, and a moment well inside it. */
export const PHASES = {
  healthy: { from: 180, moment: 156 },
  backlog: { from: 150, moment: 125 },
  noWorkers: { from: 120, moment: 94 },
  recovery: { from: 85, moment: 70 },
  apiDown: { from: 40, moment: 24 },
  empty: { from: 18, moment: 3 },
} as const;
export type Phase = keyof typeof PHASES;
export const PHASE_NAMES = Object.keys(PHASES) as readonly Phase[];

export const momentOf = (phase: Phase): EpochMs => END - PHASES[phase].moment * MINUTE;

/** What happens in the world at a moment, beside the traffic. */
export interface Act {
  /** Arrivals as a multiple of normal. */
  readonly load: number;
  readonly workersAlive: boolean;
  /** More workers than usual work off the backlog. */
  readonly reinforced: boolean;
  readonly apiDown: boolean;
  /** The list is longer than the page cap. */
  readonly listCut: boolean;
}

const minutesBeforeEnd = (now: EpochMs) => (END - now) / MINUTE;
const during = (now: EpochMs, from: number, to: number) => minutesBeforeEnd(now) <= from && minutesBeforeEnd(now) > to;

/** The script: everybody is quiet at the end; one environment has the incident; one connection loses the API. */
export function actFor(member: Member, now: EpochMs): Act {
  const star = member.environment.name === THE_STAR;
  const quiet = minutesBeforeEnd(now) <= PHASES.empty.from + 6;
  return {
    load: quiet ? 0 : star && during(now, PHASES.backlog.from, PHASES.noWorkers.from) ? 3 : 1,
    workersAlive: !(star && during(now, PHASES.noWorkers.from, PHASES.recovery.from)),
    reinforced: star && during(now, PHASES.recovery.from, PHASES.apiDown.from),
    apiDown: member.environment.connection === 'default' && during(now, PHASES.apiDown.from, PHASES.empty.from),
    listCut: member.environment.name === 'docs-indexer' && during(now, PHASES.noWorkers.from, PHASES.recovery.from),
  };
}

export const THE_STAR = 'support-triage';

/** While this holds, discovery fails. */
export const discoveryFails = (now: EpochMs): boolean => during(now, PHASES.recovery.from, PHASES.apiDown.from);
/** In the minute of these, the API says something new, and two of its stamps contradict each other. */
export const rescans = (now: EpochMs): boolean => minutesBeforeEnd(now) === 100;

/** One environment with its normal traffic. */
export interface Member {
  readonly environment: Environment;
  readonly workers: number;
  readonly arrivalsPerMinute: number;
  /** Seconds that an item keeps its worker busy, on average. */
  readonly runSeconds: number;
  readonly list: boolean;
  /** False: the API says null. */
  readonly countsWorkers: boolean;
}

interface Cast {
  readonly id: string;
  readonly name: string;
  readonly connection?: string;
  readonly traffic: readonly [workers: number, arrivalsPerMinute: number, runSeconds: number];
  readonly list?: boolean;
  readonly countsWorkers?: boolean;
  readonly labels?: Readonly<Record<string, string>>;
}

function member({ id, name, connection = 'default', traffic, list = true, countsWorkers = true, labels }: Cast) {
  const [workers, arrivalsPerMinute, runSeconds] = traffic;
  const usual = buildEnvironment(id);
  const own = {
    minWorkers: 3,
    queueDepth: { warning: 100, critical: 250 },
    staleHeartbeatItems: { warning: 1, critical: 10 },
  };
  const thresholds = { ...usual.thresholds, ...(name === THE_STAR ? own : {}) };
  const environment = { ...usual, name, connection, thresholds, labels: labels ?? usual.labels };
  return { environment, workers, arrivalsPerMinute, runSeconds, list, countsWorkers };
}

const SUPPORT = { owner: 'support', tier: 'prod' };

/** Ids as long as real ones: they must not crowd out the names. */
const CAST: readonly Cast[] = [
  { id: 'env_01H8XK3VQ2M4N7P9R5T6W8Y0ZA', name: 'checkout-agents', traffic: [4, 2.4, 70] },
  { id: 'env_01J2BC4DE5FG6HJ7KM8NP9QR0S', name: THE_STAR, traffic: [5, 2.5, 80], labels: SUPPORT },
  { id: 'env_01K9ZYXWVTSRQPNMKJHGFEDCBA', name: 'nightly-batch', connection: 'eu', traffic: [3, 1, 90], list: false },
  { id: 'env_01M0A1B2C3D4E5F6G7H8J9KMNP', name: 'code-review', traffic: [3, 1.5, 60], labels: { owner: 'platform' } },
  {
    id: 'env_01N5T6W8Y0ZA1H8XK3VQ2M4N7P',
    name: 'docs-indexer',
    connection: 'eu',
    traffic: [2, 0.5, 60],
    countsWorkers: false,
  },
  { id: 'env_01P9R5T6W8Y0ZA1H8XK3VQ2M4N', name: 'sandbox', connection: 'eu', traffic: [1, 0.1, 40] },
];

/** Six environments, fewer, or more of the ordinary kind. */
export function fleet(size: number = CAST.length): readonly Member[] {
  const extras = Array.from({ length: Math.max(0, size - CAST.length) }, (_, index) => ({
    id: `env_01Q${String(index).padStart(2, '0')}VQ2M4N7P9R5T6W8Y0ZAB1C`,
    name: `team-${index + 1}-agents`,
    traffic: [3, 1.2, 75] as const,
  }));
  return [...CAST, ...extras].slice(0, size).map(member);
}
