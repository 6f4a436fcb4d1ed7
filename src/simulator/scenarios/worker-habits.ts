import type { Random } from '../../base/random.ts';
import type { HeartbeatAnswer } from '../queue/heartbeat.ts';
import type { SessionConduct, WorkRecord } from '../queue/work-record.ts';
import { between } from './activity-context.ts';
import type { Habit, Range, WorkerFleet } from './scenario.ts';

/** The official worker's cadence: docs/design/work-api.md#worker-cadence. */
export const IDLE_POLL_MS = { block: 999, jitter: [1, 3] } as const;
const LONGEST_BEAT_INTERVAL_MS = 30_000;
const SHORTEST_BEAT_INTERVAL_MS = 1000;
/** A hung worker is restarted after its lease of 300 s has lapsed. */
export const HUNG_SECONDS = [310, 360] as const;
export const DEFAULT_RESTART_SECONDS = [20, 40] as const;

/** How a worker behaves when it serves such a session; other sessions do not affect it. */
const HABIT_FOR: Partial<Record<SessionConduct, Habit | 'stays'>> = {
  wedges: 'stays',
  'awaits-approval': 'stays',
  terminates: 'stays',
  'kills-worker': 'dies-in-run',
};
/** Long enough that one such session is a small fraction of all runs; short enough that its item comes back often. */
const RUN_SECONDS: Partial<Record<SessionConduct, Range>> = { 'kills-worker': [240, 300] };

/** How the next item is served; a fleet's misbehaviour does not concern sessions with a conduct of their own. */
export function habitFor({ conduct }: WorkRecord, { misbehaviour }: WorkerFleet, random: Random): Habit | 'stays' {
  const own = HABIT_FOR[conduct];
  if (own !== undefined) return own;
  return misbehaviour !== undefined && random() < misbehaviour.share ? misbehaviour.habit : 'serves';
}

/** How long the run of an item takes, ms. */
export function runMsOf({ conduct, runSeconds }: WorkRecord, fleet: WorkerFleet, random: Random): number {
  return between(runSeconds ?? RUN_SECONDS[conduct] ?? fleet.runSeconds, random);
}

/** How far into its run the worker gets, 0 to 1. */
export function deathPoint({ conduct }: WorkRecord, random: Random): number {
  return conduct === 'kills-worker' ? 1 : random();
}

/** Milliseconds until the next heartbeat. */
export function heartbeatInterval(answer: HeartbeatAnswer): number {
  return Math.max(SHORTEST_BEAT_INTERVAL_MS, Math.min((answer.ttlSeconds * 1000) / 2, LONGEST_BEAT_INTERVAL_MS));
}
