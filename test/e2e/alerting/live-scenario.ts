import type { AlertName } from '../../../src/rules/parts/alert-names.ts';
import type { AlertSeverity } from '../../../src/rules/parts/rule.ts';
import type { Fault } from '../../../src/simulator/scenarios/fault.ts';
import type { SimulatorOptions } from '../../../src/simulator/start-simulator.ts';
import type { ExporterName } from './live-exporters.ts';
import type { LiveWorld } from './live-world.ts';

/** A name without its beginning, which all share. */
export type ShortName = AlertName extends `AnthropicWork${infer Short}` ? Short : never;

/** After the repair, where a scenario does not say otherwise. */
export const OVER_WITHIN_MINUTES = 6;

/** A notification that must come once, and end once. */
export interface Told {
  readonly alert: ShortName;
  readonly severity: Extract<AlertSeverity, 'critical' | 'warning'>;
  /**
   * Seconds from the start of what is wrong until what can be seen of it passes the limits that the configuration sets.
   * The rule's own `for`, the intervals of reads, scrapes and evaluations, and the routing's wait come on top.
   */
  readonly evidence: number;
  /** Which read shows it: that of the stats, of the list, of sessions, or the scrape alone. */
  readonly seenBy?: 'stats' | 'list' | 'sessions' | 'scrape';
  /** Minutes after the repair in which it must have ended; 6 when left out. Longer only where a window must pass. */
  readonly overWithin?: number;
}

export interface LiveScenario {
  /** What is wrong, in the words of the table. For a benign one, what looks so. */
  readonly cause: string;
  /** Which exporter watches it. */
  readonly exporter: ExporterName;
  readonly environments?: number;
  /** The configuration names no environment: discovery has to find them. */
  readonly discovered?: true;
  /** Which keys the exporter has; both when left out. */
  readonly keys?: 'both' | 'api-key' | 'environment-key';
  /** What the configuration says of each environment, beside its keys. */
  readonly settings?: object;
  readonly simulator?: Partial<SimulatorOptions>;
  /** The scenario of the simulator before; `steady` when left out. */
  readonly before?: string;
  /** What begins, and what happens in the minutes after it; the last step is the repair. */
  readonly steps: readonly Step[];
  /** What must be told, by receiver in the order of arrival; nothing in a benign one. */
  readonly tells: readonly Told[];
  /** Tickets that may come beside, depending on the moment. */
  readonly mayTell?: readonly ShortName[];
}

/** Before the exporter starts. */
export const BEFORE_START = Number.NEGATIVE_INFINITY;

/** After what a scenario tells must be over: for whatever comes late. */
const LATER_MINUTES = 4;

/** Minutes after the last step until all that is told must be over, with those for whatever comes late. */
export function minutesAfter({ tells }: LiveScenario): number {
  const over = tells.map(({ overWithin = OVER_WITHIN_MINUTES }) => overWithin);
  return Math.max(...over, OVER_WITHIN_MINUTES) + LATER_MINUTES;
}

export interface Step {
  /** Since the beginning, or `BEFORE_START`. */
  readonly minute: number;
  /** Awaited. */
  readonly act: (world: LiveWorld) => unknown;
}

/** A scenario of the simulator takes the place of the one before, and `steady` ends it. */
export function plays(scenario: string, minutes: number): readonly Step[] {
  return [
    { minute: 0, act: (world) => world.play(scenario) },
    { minute: minutes, act: (world) => world.play('steady') },
  ];
}

/** The same, where somebody has to stop its items as well: a worker of `steady` would take them. */
export function playsUntilStopped(scenario: string, minutes: number): readonly Step[] {
  const [begin, end] = plays(scenario, minutes);
  return [
    begin!,
    {
      minute: end!.minute,
      act: async (world) => {
        await end!.act(world);
        await world.stopItems();
      },
    },
  ];
}

/** A fault, and its end; beside it, if named, a scenario of the simulator. */
export function fails(fault: Fault, minutes: number, scenario = 'steady'): readonly Step[] {
  return [
    {
      minute: 0,
      act: (world) => {
        if (scenario !== 'steady') world.play(scenario);
        world.fail(fault);
      },
    },
    {
      minute: minutes,
      act: (world) => {
        if (scenario !== 'steady') world.play('steady');
        world.fail();
      },
    },
  ];
}
