import type { NewWork } from '../queue/new-work.ts';
import type { SessionConduct } from '../queue/work-record.ts';
import type { Fault } from './fault.ts';

/** Minimum and maximum; values are uniformly distributed. */
export type Range = readonly [number, number];

export interface Arrivals {
  /** Mean arrivals per minute; arrivals are random (Poisson). */
  readonly perMinute: number;
  /** Items that arrive together each time; 1 by default. */
  readonly together?: number;
  /** Items that arrive at once when the phase begins. */
  readonly atOnce?: number;
  readonly healthchecksPerHour?: number;
  /** How long the runs of these items take; by default what their worker's fleet says. */
  readonly runSeconds?: Range;
}

/**
 * How a worker behaves.
 *
 * - `serves`: claims, acknowledges, boots, sends a heartbeat every half lease (at most 30 s), finishes.
 * - `dies-before-ack`: claims and dies, so that the item stays pending until it is reclaimed.
 * - `dies-after-ack`: acknowledges and dies before the first heartbeat.
 * - `hangs-in-boot`: acknowledges, never sends a heartbeat, and is replaced once its lease has lapsed.
 * - `stops-beating`: sends one heartbeat, then hangs until its lease has lapsed, and longer.
 * - `dies-in-run`: dies at a random moment of the run.
 * - `leaves-stopping`: at the end requests a stop, does not confirm it, and goes on.
 *
 * A session that misbehaves decides for its worker: see `SessionConduct`.
 */
export type Habit =
  | 'serves'
  | 'dies-before-ack'
  | 'dies-after-ack'
  | 'hangs-in-boot'
  | 'stops-beating'
  | 'dies-in-run'
  | 'leaves-stopping';

export interface WorkerFleet {
  readonly workers: number;
  readonly runSeconds: Range;
  /** From the acknowledgement to the first heartbeat. */
  readonly bootSeconds: Range;
  /** What happens instead of `serves`, and in which share of runs. */
  readonly misbehaviour?: { readonly habit: Habit; readonly share: number };
  /** How long until a dead worker is replaced, under another worker id. */
  readonly restartSeconds?: Range;
  /** From the start of a worker to its sudden death, whatever it is doing then; it never dies by default. */
  readonly livesSeconds?: Range;
  /** In this fraction of runs the second heartbeat hangs, which leaves a gap of this length. */
  readonly hungHeartbeat?: { readonly share: number; readonly gapSeconds: Range };
  /** How long a worker that was asked to stop continues with its tool, without heartbeats; not at all by default. */
  readonly finishesToolSeconds?: Range;
}

/** A part of an environment's time. What a phase omits continues as before. */
export interface Phase {
  /** Infinity: forever. */
  readonly seconds: number;
  readonly arrivals?: Arrivals;
  readonly fleets?: readonly WorkerFleet[];
  /**
   * What becomes of the workers that are there, where there are other fleets. They stop what they serve and leave (`replaced`,
   * the default); die on the spot (`killed`); or go on, and behave as the new fleets do from their next item on
   * (`kept`): then only as many leave or come as the number differs.
   */
  readonly before?: 'replaced' | 'killed' | 'kept';
}

/** Items that are queued at one moment, beside what arrives all the time. */
export interface TimedItems {
  /** From the beginning of the plan. */
  readonly afterSeconds: number;
  readonly count: number;
  readonly work: Pick<NewWork, 'type' | 'conduct' | 'claimable' | 'runSeconds'>;
}

export interface EnvironmentPlan {
  /** Repeated from the start when they are over. */
  readonly phases: readonly Phase[];
  /** Sessions that ended before the simulation starts, spread over the last 30 days. */
  readonly history?: number;
  /** The fraction of finished sessions that get new work after a while, under the same id. */
  readonly wake?: { readonly share: number; readonly afterSeconds: Range };
  /** The fraction of runs in which somebody asks the worker to stop in the middle of the run. */
  readonly gracefulStopShare?: number;
  /** Sessions that exist from the start and misbehave. */
  readonly misbehaving?: { readonly conduct: SessionConduct; readonly sessions: number };
  readonly items?: readonly TimedItems[];
  /** One item at the head of the queue that no poll hands out. */
  readonly blockedHead?: boolean;
}

/** What happens, and what an operator should see. */
interface Story {
  /** What happens in the simulated world. */
  readonly happens: string;
  /** One sentence: what an operator should see. */
  readonly expect: string;
}

/** A named situation: what happens, and what an operator should see. */
export interface Scenario extends Story {
  readonly name: string;
  /** The same where the first environment is the only one, as in a drill; absent where nothing would differ. */
  readonly alone?: Story;
  /** Environment number i gets plan i modulo their number. */
  readonly plans: readonly EnvironmentPlan[];
  /** Plans of particular environments, by id. */
  readonly plansById?: ReadonlyMap<string, EnvironmentPlan>;
  /** Simulated time that has already passed when the simulator starts with this scenario. */
  readonly warmUpSeconds: number;
  /** Faults of requests. They do not affect the simulated workers. */
  readonly faults?: readonly Fault[];
  /** Seconds by which the API's clock is ahead. */
  readonly skewSeconds?: number;
  readonly leaseTtlSeconds?: number;
  /** Overrides the switch of this name. */
  readonly startingLapses?: boolean;
}
