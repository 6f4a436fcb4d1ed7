import { duration } from '../base/text.ts';
import { type EnvironmentView, found, items, type Verdict } from './facts.ts';

/** A lost run waits for up to five minutes until its lease ends. */
const PAUSE_SECONDS = 360;
const LATELY_SECONDS = 300;
/** A sandbox that boots usually has by then. */
const BOOT_SECONDS = 60;
const WINDOW_SECONDS = 900;
/** Of a run that is lost, at least until it is known. */
const LEASE_SECONDS = 210;
/** Lost one after the other for so long: a deployment that kills every run does it once. */
const GOING_ON_SECONDS = 180;
/** A worker may finish its tool after its session has ended. */
const ENDED_SECONDS = 600;

/** Several items were acknowledged, and none has had a heartbeat in time; until half of what is acknowledged begins. */
export function nothingStarts({ now, past, was }: EnvironmentView): Verdict {
  const limit = now.limits.stateAgeSeconds.starting;
  if (limit === Infinity) return 'off';
  if (now.items === null || now.totals === null) return 'unknown';
  const { frozen, silent } = now.items;
  if (was) {
    const lately = past.growth('begun', LATELY_SECONDS).by;
    if (lately > 0 && lately >= past.growth('acknowledged', LATELY_SECONDS).by / 2) return 'no';
    return found(`hardly any item that is acknowledged has a heartbeat; ${frozen} are stuck`);
  }
  const begun = past.growth('begun', 3600);
  // After a start nobody knows whether runs begin, until one has or has had the time.
  if (begun.by === 0 && past.seconds < limit) return 'unknown';
  const acknowledged = past.growth('acknowledged', begun.by > 0 ? begun.last - 1 : 3600);
  const unbegun = acknowledged.by - past.growth('acknowledged', BOOT_SECONDS).by;
  // Where most sandboxes boot, some in a row do not by chance.
  const least = begun.by > 0 ? 4 : 3;
  // Where workers die, more of them die while they run something.
  if (frozen === 0 || frozen < silent || unbegun < least || acknowledged.first <= limit) return 'no';
  return found(`${unbegun} items were acknowledged, and none has had a heartbeat; ${frozen} are stuck`);
}

/** Critical: nearly every run. Warning: at least three runs of a quarter of an hour, and one in twenty. */
export function runsLost(view: EnvironmentView): Verdict {
  const { now, past, severity } = view;
  if (now.totals === null || past.lasts('isListed') < GOING_ON_SECONDS) return 'unknown';
  if (severity === 'critical') return now.items === null ? 'unknown' : nearlyAllRunsLost(view);
  const [lost, stopped] = [past.growth('lost', WINDOW_SECONDS).by, past.growth('stopped', WINDOW_SECONDS).by];
  return lost >= 3 && lost > stopped / 20 && isGoingOn(view)
    ? found(`${lost} runs were lost within a quarter of an hour, and ${stopped} finished`)
    : 'no';
}

/** Runs are lost again and again, and hardly any that began since then has finished. */
function nearlyAllRunsLost(view: EnvironmentView): Verdict {
  const { now, past, was } = view;
  // What never begins is told by `nothing_starts`.
  const isAboutStarts =
    past.growth('begun', LATELY_SECONDS).by === 0 && past.growth('acknowledged', LATELY_SECONDS).by > 0;
  if (!was && isAboutStarts && now.limits.stateAgeSeconds.starting !== Infinity) return 'no';
  const losses = past.growth('lost', WINDOW_SECONDS);
  if (losses.by < 3 || losses.first - losses.last < GOING_ON_SECONDS) return 'no';
  if (was ? isOver(view) : !isGoingOn(view)) return 'no';
  // Where leases are short, a run that dies is known to be lost long before those that began with it can have finished.
  if (now.totals!.lostInARow > Math.max(2, now.items!.alive))
    return found(`${now.totals!.lostInARow} runs were lost in a row`);
  const [stopped, lost] = [past.growth('stopped', PAUSE_SECONDS).by, past.growth('lost', PAUSE_SECONDS).by];
  return was || lost > 4 * stopped ? found(`${lost} runs were lost within six minutes, and ${stopped} finished`) : 'no';
}

/**
 * No worker has been lost for six minutes; or for 90 s, if runs finish that began after the last loss. Once it was told, these
 * must also outnumber the losses of the last minutes: a crash loop finishes some runs, too.
 */
function isOver(view: EnvironmentView): boolean {
  const { now, past, isTold } = view;
  const finished = past.growth('stopped', PAUSE_SECONDS).by;
  const areFewer = past.growth('stopped', GOING_ON_SECONDS).by > past.growth('lost', GOING_ON_SECONDS).by;
  const isWell = now.totals!.lostInARow === 0 && finished >= 3 && (areFewer || !isTold);
  return lossSeconds(view) > Math.max(isWell ? 90 : PAUSE_SECONDS, 1.6 * now.list.intervalSeconds);
}

/** Since a worker was last gone: it is silent at once, and what it ran counts as lost some minutes later. */
export function lossSeconds({ past }: EnvironmentView): number {
  return Math.min(past.growth('silent', 3600).last, past.growth('lost', 3600).last + LEASE_SECONDS);
}

/** A run was lost lately, or some will be when their leases end. */
function isGoingOn({ now, past }: EnvironmentView): boolean {
  return (
    past.growth('lost', GOING_ON_SECONDS).by > 0 || (now.items !== null && now.items.silent + now.items.frozen > 0)
  );
}

/** Five runs or more ended within ten minutes, most of them seconds after they began. */
export function runsTooShort({ now, past }: EnvironmentView): Verdict {
  if (now.totals === null) return 'unknown';
  const [runs, short] = [past.growth('runs', 600).by, past.growth('shortRuns', 600).by];
  return runs >= 5 && short > runs / 2 ? found(`${short} of ${runs} runs ended within five seconds`) : 'no';
}

/** Running items have sent no heartbeat for longer than one may hang: their workers are gone. */
export function heartbeatsStale({ now: { items: all, limits }, severity }: EnvironmentView): Verdict {
  const limit = limits.staleHeartbeatItems[severity];
  if (limit === Infinity) return 'off';
  if (all === null) return 'unknown';
  return all.silent >= limit ? found(`${items(all.silent)} running without a heartbeat`) : 'no';
}

/** Starting or active for too long, delivered again and again, or outlives its session. `stopping` holds nobody. */
export function itemStuck(view: EnvironmentView): Verdict {
  const { items: all, limits } = view.now;
  if (all === null) return 'unknown';
  for (const state of ['starting', 'active'] as const) {
    const seconds = all[`${state}Seconds`] ?? 0;
    if (seconds > limits.stateAgeSeconds[state]) return found(`an item is ${state} for ${duration(seconds)}`);
  }
  if (all.redelivered > 0) return found(`${items(all.redelivered)} delivered again and again`);
  if ((all.endedSessionSeconds ?? 0) >= ENDED_SECONDS)
    return found(`${items(all.endedSessions)} left after the end of the session`);
  // Workers that go on dying leave the next item stuck soon: that is no news.
  return view.isTold && isGoingOn(view) ? 'unknown' : 'no';
}

/** A session waits for a result or an approval for longer than its limit. */
export function sessionWaiting({ now: { items: all, limits } }: EnvironmentView): Verdict {
  if (limits.sessionWaitSeconds === Infinity) return 'off';
  if (all === null) return 'unknown';
  const seconds = all.sessionWaitSeconds ?? 0;
  return seconds > limits.sessionWaitSeconds ? found(`a session waits for ${duration(seconds)}`) : 'no';
}
