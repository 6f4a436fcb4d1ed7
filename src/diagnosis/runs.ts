import type { EnvironmentFacts } from './facts.ts';
import { type EnvironmentView, found, type Verdict } from './verdict.ts';

/** A lost run waits for up to five minutes until its lease ends. */
const PAUSE_SECONDS = 360;
const LATELY_SECONDS = 300;
const WINDOW_SECONDS = 900;
/** Lost one after the other for so long: a deployment that kills every run does it once. */
const GOING_ON_SECONDS = 180;

/**
 * Workers acknowledged three items or more, and none of them has had a heartbeat, past the limit of `starting`. It holds until
 * half of what is acknowledged begins again.
 */
export function nothingStarts(view: EnvironmentView): Verdict {
  const { now, past } = view;
  const limit = now.limits.stateAgeSeconds.starting;
  if (limit === Infinity) return 'off';
  if (now.items === null || now.totals === null) return 'unknown';
  const { acknowledged, seconds } = past.unbegun;
  const { frozen, silent } = now.items;
  if (view.was) {
    const begun = past.growth('begun', LATELY_SECONDS);
    if (begun > 0 && begun >= past.growth('acknowledged', LATELY_SECONDS) / 2) return 'no';
    return found(`hardly any item that is acknowledged has a heartbeat; ${frozen} are stuck`);
  }
  // Where workers die, more of them die while they run something.
  return frozen > 0 && frozen >= silent && acknowledged >= 3 && seconds > limit
    ? found(`${acknowledged} items were acknowledged, and none has had a heartbeat; ${frozen} are stuck`)
    : 'no';
}

/** Runs are lost again and again, and hardly any that began since then has finished. It holds until some do, one after the other. */
export function nearlyAllRunsLost(view: EnvironmentView): Verdict {
  const { now, past } = view;
  if (now.totals === null || now.items === null || past.listed.seconds < GOING_ON_SECONDS) return 'unknown';
  // What never begins is told by `nothing_starts`.
  if (!view.was && now.items.frozen > 0 && past.growth('begun', LATELY_SECONDS) === 0 && startsMatter(now)) return 'no';
  const isAgainAndAgain =
    past.growth('lost', WINDOW_SECONDS) >= 3 && past.growthSpan('lost', WINDOW_SECONDS) >= GOING_ON_SECONDS;
  if (!isAgainAndAgain || !isGoingOn(view, view.was ? PAUSE_SECONDS : GOING_ON_SECONDS)) return 'no';
  if (view.was && now.totals.lostInARow === 0 && past.growth('stopped', GOING_ON_SECONDS) >= 3) return 'no';
  const [stopped, lost] = [past.growth('stopped', PAUSE_SECONDS), past.growth('lost', PAUSE_SECONDS)];
  if (now.totals.lostInARow >= 3) return found(`${now.totals.lostInARow} runs were lost in a row`);
  return lost > (view.was ? 2 : 4) * stopped
    ? found(`${lost} runs were lost within six minutes, and ${stopped} finished`)
    : 'no';
}

/** At least three runs of a quarter of an hour, and one in twenty, were lost with their workers. */
export function someRunsLost(view: EnvironmentView): Verdict {
  const { now, past } = view;
  if (now.totals === null || past.listed.seconds < GOING_ON_SECONDS) return 'unknown';
  const [lost, stopped] = [past.growth('lost', WINDOW_SECONDS), past.growth('stopped', WINDOW_SECONDS)];
  return lost >= 3 && lost > stopped / 20 && isGoingOn(view, GOING_ON_SECONDS)
    ? found(`${lost} runs were lost within a quarter of an hour, and ${stopped} finished`)
    : 'no';
}

/** A run was lost lately, or some will be when their leases end. */
function isGoingOn({ now: { items }, past }: EnvironmentView, seconds: number): boolean {
  return past.growth('lost', seconds) > 0 || (items !== null && items.silent + items.frozen > 0);
}

const startsMatter = ({ limits }: EnvironmentFacts) => limits.stateAgeSeconds.starting !== Infinity;

export function runsLost(view: EnvironmentView): Verdict {
  return view.severity === 'critical' ? nearlyAllRunsLost(view) : someRunsLost(view);
}

/** Five runs or more ended within five minutes (or ten), most of them seconds after they began. */
export function runsTooShort({ now, past }: EnvironmentView): Verdict {
  if (now.totals === null) return 'unknown';
  for (const seconds of [300, 600]) {
    const [runs, short] = [past.growth('runs', seconds), past.growth('shortRuns', seconds)];
    if (runs >= 5 && short > runs / 2) return found(`${short} of ${runs} runs ended within five seconds`);
  }
  return 'no';
}
