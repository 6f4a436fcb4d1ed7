import type { Random } from '../base/random.ts';
import { untilNext } from '../simulator/scenarios/activity-context.ts';
import type { EnvironmentPlan, Phase, Range, TimedItems, WorkerFleet } from '../simulator/scenarios/scenario.ts';
import type { EnvironmentEntry, Trouble } from './scenario-schema.ts';

/** A world has been going on for so long when its exporter starts, at second 0. */
export const WARM_UP_SECONDS = 600;

interface PlanOptions {
  readonly entry: EnvironmentEntry;
  /** Those that concern this environment. */
  readonly troubles: readonly Trouble[];
  readonly endsAt: number;
  readonly random: Random;
}

/** What happens by itself in one environment: who works when, and what arrives when. */
export function environmentPlan(options: PlanOptions): EnvironmentPlan {
  const { entry } = options;
  const startsAt = entry.appears ?? -WARM_UP_SECONDS;
  const { wake, stop_share, history } = entry;
  return {
    phases: phasesOf(options, startsAt),
    items: itemsOf(options, startsAt).map((items) => ({ ...items, afterSeconds: items.afterSeconds - startsAt })),
    history,
    gracefulStopShare: stop_share,
    ...(wake && { wake: { share: wake.share, afterSeconds: wake.after } }),
  };
}

export function isActive(
  { from = -Infinity, to = Infinity }: { from?: number | undefined; to?: number | undefined },
  at: number,
): boolean {
  return at >= from && at < to;
}

/** Whose workers would stay as they are for minutes, so that whoever mends it restarts them. */
const HANGING: ReadonlySet<Trouble['kind']> = new Set(['workers_hang', 'boots_hang']);

function phasesOf({ entry, troubles, endsAt }: PlanOptions, startsAt: number): readonly Phase[] {
  const edges = new Set([startsAt]);
  for (const { from, to } of [...entry.workers, ...troubles]) {
    if (from !== undefined) edges.add(from);
    if (to !== undefined) edges.add(to);
  }
  for (const trouble of troubles) for (const edge of edgesWithin(trouble, endsAt)) edges.add(edge);
  const starts = [...edges].filter((at) => at >= startsAt && at < endsAt).toSorted((a, b) => a - b);
  return starts.flatMap((at, number): Phase[] => {
    const seconds = (starts[number + 1] ?? Infinity) - at;
    const fleets = fleetsAt(entry, troubles, at);
    const isSame =
      number > 0 && JSON.stringify(fleets) === JSON.stringify(fleetsAt(entry, troubles, starts[number - 1]!));
    if (isSame) return [{ seconds }];
    const isDeath = troubles.some(({ kind, from }) => kind === 'workers_die' && from === at);
    if (!troubles.some(({ kind, to }) => HANGING.has(kind) && to === at)) {
      return [{ seconds, fleets, before: isDeath ? 'killed' : 'kept' }];
    }
    return [
      { seconds: 0.5, fleets: [], before: 'killed' },
      { seconds: seconds - 0.5, fleets },
    ];
  });
}

/** What comes more often is a mistake, and would be played for minutes. */
const MOST_ROUNDS = 10_000;

/** When its workers change while it lasts. */
function edgesWithin(trouble: Trouble, endsAt: number): readonly number[] {
  if (trouble.kind === 'workers_die' && trouble.restart !== undefined) return [trouble.from + trouble.restart[0]];
  if (trouble.kind !== 'workers_roll') return [];
  const { from, every, away, to = endsAt } = trouble;
  const rounds = Math.min(MOST_ROUNDS, Math.ceil((to - from) / Math.max(1, every)));
  return Array.from({ length: rounds }, (_, round) => [from + round * every, from + round * every + away]).flat();
}

function fleetsAt(entry: EnvironmentEntry, troubles: readonly Trouble[], at: number): readonly WorkerFleet[] {
  const { finishes_tool: tool } = entry;
  const healthy = entry.workers
    .filter((fleet) => isActive(fleet, at))
    .map(({ count, run = entry.run, boot = entry.boot }): WorkerFleet => {
      const fleet = { workers: count, runSeconds: run, bootSeconds: boot };
      return tool === undefined ? fleet : { ...fleet, finishesToolSeconds: tool };
    });
  const present = troubles.filter((trouble) => isActive(trouble, at));
  return present
    .reduce((fleets, trouble) => affected(fleets, trouble, at), healthy)
    .filter(({ workers }) => workers > 0);
}

function affected(fleets: WorkerFleet[], trouble: Trouble, at: number): WorkerFleet[] {
  const all = (change: Partial<WorkerFleet>) => fleets.map((fleet) => ({ ...fleet, ...change }));
  const total = fleets.reduce((sum, { workers }) => sum + workers, 0);
  switch (trouble.kind) {
    case 'workers_leave':
      return atMost(fleets, trouble.left);
    case 'workers_die': {
      const { restart, lives, left, from } = trouble;
      if (restart === undefined || at < from + restart[0]) return atMost(fleets, left);
      return all({ restartSeconds: restart, ...(lives && { livesSeconds: lives }) });
    }
    case 'workers_roll':
      return (at - trouble.from) % trouble.every < trouble.away ? atMost(fleets, total - 1) : fleets;
    case 'workers_hang':
      return all({ misbehaviour: { habit: 'stops-beating', share: trouble.share } });
    case 'boots_hang':
      return all({ misbehaviour: { habit: 'hangs-in-boot', share: trouble.share } });
    case 'boots_fail':
      return all({ misbehaviour: { habit: 'dies-after-ack', share: trouble.share }, restartSeconds: trouble.restart });
    case 'claims_lost':
      return all({ misbehaviour: { habit: 'dies-before-ack', share: trouble.share }, restartSeconds: trouble.restart });
    case 'runs_die':
      return all({ misbehaviour: { habit: 'dies-in-run', share: trouble.share }, restartSeconds: trouble.restart });
    case 'items_stay_stopping':
      return all({ misbehaviour: { habit: 'leaves-stopping', share: trouble.share } });
    case 'runs_take':
      return all({ runSeconds: trouble.run });
    case 'heartbeats_late':
      return all({ hungHeartbeat: { share: trouble.share, gapSeconds: trouble.gap } });
    default:
      return fleets;
  }
}

function atMost(fleets: readonly WorkerFleet[], most: number): WorkerFleet[] {
  let left = most;
  return fleets.map((fleet) => {
    const workers = Math.min(fleet.workers, left);
    left -= workers;
    return { ...fleet, workers };
  });
}

/** Everything that arrives, with times since second 0. */
function itemsOf({ entry, troubles, endsAt, random }: PlanOptions, startsAt: number): readonly TimedItems[] {
  const closes = Math.min(endsAt, entry.archived ?? Infinity, entry.deleted ?? Infinity);
  const more = troubles.filter((trouble) => trouble.kind === 'more_work');
  const flow = (perMinute: number, from = startsAt, to = closes): readonly number[] =>
    randomTimes({ from: Math.max(from, startsAt), to: Math.min(to, closes), random }, (at) =>
      more.reduce((rate, trouble) => (isActive(trouble, at) ? rate * trouble.times : rate), perMinute),
    );
  const work = (run: Range | undefined): TimedItems['work'] => (run === undefined ? {} : { runSeconds: run });
  const arrivals = entry.arrivals.flatMap((part): TimedItems[] => {
    if ('at' in part) {
      return [{ afterSeconds: part.at, count: part.items, work: { ...work(part.run), type: part.kind } }];
    }
    const { per_minute, together, from, to, run } = part;
    return flow(per_minute / together, from, to).map((afterSeconds) => ({
      afterSeconds,
      count: together,
      work: work(run),
    }));
  });
  const checks = randomTimes({ from: startsAt, to: closes, random }, () => entry.healthchecks_per_hour / 60).map(
    (afterSeconds): TimedItems => ({ afterSeconds, count: 1, work: { type: 'healthcheck' } }),
  );
  const ofTroubles = troubles.flatMap((trouble): TimedItems[] => {
    const afterSeconds = trouble.from;
    if (trouble.kind === 'blocked_head') return [{ afterSeconds, count: 1, work: { claimable: false } }];
    if (trouble.kind === 'bad_sessions') {
      return [{ afterSeconds, count: trouble.sessions, work: { conduct: CONDUCTS[trouble.conduct] } }];
    }
    if (trouble.kind !== 'burst') return [];
    const { every, from, to = endsAt, items: count, run } = trouble;
    const times = every === undefined || every === 0 ? 1 : Math.min(MOST_ROUNDS, Math.ceil((to - from) / every));
    return Array.from({ length: times }, (_, n) => ({ afterSeconds: from + n * (every ?? 0), count, work: work(run) }));
  });
  return [...arrivals, ...checks, ...ofTroubles].filter(({ afterSeconds: at }) => at >= startsAt && at < closes);
}

/** How the simulator calls what sessions do. */
export const CONDUCTS = {
  kills_worker: 'kills-worker',
  wedges: 'wedges',
  awaits_approval: 'awaits-approval',
  terminates: 'terminates',
} as const;

/** Moments of a Poisson process whose rate changes at most once a minute. */
function randomTimes(
  { from, to, random }: { readonly from: number; readonly to: number; readonly random: Random },
  perMinute: (at: number) => number,
): readonly number[] {
  const times: number[] = [];
  for (let minute = from; minute < to; minute += 60) {
    const rate = perMinute(minute);
    const end = Math.min(to, minute + 60);
    for (let at = minute + untilNext(rate, random) / 1000; at < end; at += untilNext(rate, random) / 1000)
      times.push(at);
  }
  return times;
}
