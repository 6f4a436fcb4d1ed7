import type { SessionConduct } from '../queue/work-record.ts';
import type { Fault } from './fault.ts';

/** Least and most, evenly spread. */
export type Range = readonly [number, number];

export interface Arrivals {
  /** Mean arrivals per minute; they come at random (Poisson). */
  readonly perMinute: number;
  /** Items that come together each time; 1 when left out. */
  readonly together?: number;
  /** Items that are there at once when the phase begins. */
  readonly atOnce?: number;
  readonly healthchecksPerHour?: number;
}

/**
 * How a worker behaves.
 *
 * - `serves`: claims, acknowledges, boots, heartbeats every half lease (at most 30 s), finishes.
 * - `dies-before-ack`: claims and dies, so that the item stays pending until it is reclaimed.
 * - `dies-after-ack`: acknowledges and dies before the first heartbeat.
 * - `stops-beating`: heartbeats once, then hangs until its lease has lapsed and longer.
 * - `dies-in-run`: dies at a random moment of the run.
 * - `leaves-stopping`: at the end asks for a stop, does not confirm it, and goes on.
 *
 * A session that misbehaves decides for its worker: see `SessionConduct`.
 */
export type Habit =
  | 'serves'
  | 'dies-before-ack'
  | 'dies-after-ack'
  | 'stops-beating'
  | 'dies-in-run'
  | 'leaves-stopping';

export interface WorkerFleet {
  readonly workers: number;
  readonly runSeconds: Range;
  /** From the acknowledgement to the first heartbeat. */
  readonly bootSeconds: Range;
  /** What happens instead of `serves`, and in which share of runs. */
  readonly trouble?: { readonly habit: Habit; readonly share: number };
  /** Until a dead worker has a successor, with another worker id. */
  readonly restartSeconds?: Range;
  /** From the start of a worker to its sudden death, whatever it does then; it lives on when left out. */
  readonly livesSeconds?: Range;
  /** In this share of runs the second heartbeat hangs; the gap that this makes. */
  readonly hungHeartbeat?: { readonly share: number; readonly gapSeconds: Range };
  /** For how long a worker that was asked to stop goes on with its tool, without heartbeats; not at all when left out. */
  readonly finishesToolSeconds?: Range;
}

/** A part of an environment's time. What a phase leaves out goes on as it was. */
export interface Phase {
  /** Infinity: for good. */
  readonly seconds: number;
  readonly arrivals?: Arrivals;
  readonly fleets?: readonly WorkerFleet[];
}

export interface EnvironmentPlan {
  /** Repeated from the start when they are over. */
  readonly phases: readonly Phase[];
  /** Sessions that ended before the simulation starts, spread over the last 30 days. */
  readonly history?: number;
  /** Share of finished sessions that get new work, under the same id, after a while. */
  readonly wake?: { readonly share: number; readonly afterSeconds: Range };
  /** Share of runs in which somebody asks the worker to stop, in mid-run. */
  readonly gracefulStopShare?: number;
  /** Sessions that are there from the start and misbehave. */
  readonly troubled?: { readonly conduct: SessionConduct; readonly sessions: number };
  /** One item at the head of the queue that no poll hands out. */
  readonly blockedHead?: boolean;
}

/** A named situation: what happens and what an operator should see. */
export interface Scenario {
  readonly name: string;
  /** What happens in the simulated world. */
  readonly happens: string;
  /** One sentence: what an operator should see. */
  readonly expect: string;
  /** Environment number i gets plan i modulo their number. */
  readonly plans: readonly EnvironmentPlan[];
  /** Simulated time that has passed when the simulator starts with this scenario. */
  readonly warmUpSeconds: number;
  /** What goes wrong with requests. The simulated workers are not affected. */
  readonly faults?: readonly Fault[];
  /** Seconds by which the API's clock is ahead. */
  readonly skewSeconds?: number;
  readonly leaseTtlSeconds?: number;
  /** Instead of the switch of this name. */
  readonly startingLapses?: boolean;
}
