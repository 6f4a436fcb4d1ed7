import { isSuperseded, nameOf } from './alert-name.ts';
import { type LiveScenario, OVER_WITHIN_MINUTES } from './live-scenario.ts';
import type { Truth } from './live-stage.ts';
import { slugOf } from './live-stage.ts';
import type { Notification } from './receiver.ts';
import { boundSeconds } from './time-to-tell.ts';

/** How much later a busy machine may be, milliseconds of the fast clock: ten seconds of real time. */
const BUSY_MS = 120_000;

export interface Verdict {
  /** What is not as it must be; empty when all is well. */
  readonly faults: readonly string[];
  /** Seconds from the beginning to each notification, and from the repair to the end. */
  readonly seconds: Readonly<Record<string, number>>;
}

/** What notifications say about the environments and the connection of a scenario, or about its exporter in words that it expects. */
export function newsAbout(scenario: LiveScenario, told: readonly Notification[]): Changes {
  const { begun, ended } = newsOf(told.filter(({ group }) => group.job === scenario.exporter));
  const slug = slugOf(scenario);
  const ids = environmentIds(scenario);
  const names = scenario.tells.map(nameOf);
  const isOwn = ({ group: { environment_id: id = '', connection = '' }, name }: News) => {
    if (id !== '') return ids.includes(id);
    return connection === '' ? names.includes(name) : connection === slug;
  };
  return { begun: begun.filter(isOwn), ended: ended.filter(isOwn) };
}

function environmentIds(scenario: LiveScenario): readonly string[] {
  const id = `env_${slugOf(scenario).replaceAll('-', '_')}`;
  return Array.from({ length: scenario.environments ?? 1 }, (_, index) => (index === 0 ? id : `${id}_${index + 1}`));
}

/** A name and the moment at which a receiver first heard of it, again if it had ended before. */
export interface News {
  readonly name: string;
  readonly at: number;
  readonly group: Notification['group'];
}

export interface Changes {
  readonly begun: readonly News[];
  readonly ended: readonly News[];
}

/** What is new in each notification: what the one before it about the same group did not have. */
export function newsOf(told: readonly Notification[]): Changes {
  const firing = new Map<string, ReadonlySet<string>>();
  const begun: News[] = [];
  const ended: News[] = [];
  for (const { receiver, group, alerts, at } of told) {
    const key = JSON.stringify([receiver, group]);
    const before = firing.get(key) ?? new Set();
    const now = new Set(alerts.filter((alert) => alert.firing).map(({ name }) => name));
    for (const name of now) if (!before.has(name)) begun.push({ name, at, group });
    for (const name of before) if (!now.has(name)) ended.push({ name, at, group });
    firing.set(key, now);
  }
  return { begun, ended };
}

/** @param paused - how long the machine stood still between two moments */
export function judge(
  scenario: LiveScenario,
  { beganAt, repairedAt }: Truth,
  told: readonly Notification[],
  paused: (from: number, to: number) => number = () => 0,
): Verdict {
  const isLate = (at: number, from: number, seconds: number) => at > from + seconds * 1000 + BUSY_MS + paused(from, at);
  const { begun, ended } = newsAbout(scenario, told);
  const faults: string[] = [];
  const seconds: Record<string, number> = {};
  const minute = (at: number) => `${((at - beganAt) / 60_000).toFixed(1)} min`;
  for (const wanted of scenario.tells) {
    const name = nameOf(wanted);
    const begins = begun.filter((one) => one.name === name);
    const ends = ended.filter((one) => one.name === name);
    if (begins.length !== 1)
      faults.push(`${name} was told ${begins.length} times: ${begins.map(({ at }) => minute(at))}`);
    const [first] = begins;
    if (first !== undefined) {
      seconds[name] = Math.round((first.at - beganAt) / 1000);
      const bound = boundSeconds(wanted);
      if (isLate(first.at, beganAt, bound)) faults.push(`${name} came after ${seconds[name]} s, not ${bound}`);
    }
    const last = ends.at(-1);
    const overWithin = wanted.overWithin ?? OVER_WITHIN_MINUTES;
    if (isSuperseded(wanted, scenario)) continue;
    if (ends.length !== begins.length || last === undefined) faults.push(`${name} has not ended`);
    else {
      seconds[`${name} over`] = Math.round((last.at - repairedAt) / 1000);
      if (isLate(last.at, repairedAt, overWithin * 60)) {
        faults.push(`${name} ended ${seconds[`${name} over`]} s after the repair`);
      }
    }
  }
  const expected = new Set(scenario.tells.map(nameOf));
  const allowed = new Set((scenario.mayTell ?? []).map((alert) => `AnthropicWork${alert} warning`));
  for (const { name, at } of begun) {
    if (allowed.has(name)) continue;
    if (!expected.has(name)) faults.push(`${name} was told after ${minute(at)}`);
    else if (isLate(at, repairedAt, 0)) faults.push(`${name} was told ${minute(at)} after the start, after the repair`);
  }
  return { faults, seconds };
}
