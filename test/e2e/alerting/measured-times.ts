import { readFileSync, writeFileSync } from 'node:fs';
import { isSuperseded, nameOf } from './alert-name.ts';
import type { LiveScenario, Told } from './live-scenario.ts';
import type { Verdict } from './verdict.ts';

const FILE = new URL('measured-times.json', import.meta.url);

/** Seconds in one run: until the notification, and from the repair until its end; of both versions the later one. */
interface MeasuredTime {
  readonly told: number;
  /** Null where nobody hears of the end, because the page mutes it. */
  readonly over: number | null;
}

/** By the cause of a scenario, and the name and severity of an alert. */
export type MeasuredTimes = Readonly<Record<string, Readonly<Record<string, MeasuredTime>>>>;

/** What the last run that was asked to measure wrote down. */
export function measuredTimes(): MeasuredTimes {
  return JSON.parse(readFileSync(FILE, 'utf8')) as MeasuredTimes;
}

/** For `ALERTING_TIMES=measure npm run test:deploy -- test/deploy/alerting`, on a machine with nothing else to do. */
export function writeMeasuredTimes(
  scenarios: readonly LiveScenario[],
  verdictsOf: (scenario: LiveScenario) => readonly Verdict[],
): void {
  const times = Object.fromEntries(
    scenarios.map((scenario) => {
      const verdicts = verdictsOf(scenario);
      const latest = (key: string) => Math.max(...verdicts.map(({ seconds }) => seconds[key] ?? Number.NaN));
      const measured = (one: Told): MeasuredTime => ({
        told: latest(nameOf(one)),
        over: isSuperseded(one, scenario) ? null : latest(`${nameOf(one)} over`),
      });
      return [scenario.cause, Object.fromEntries(scenario.tells.map((one) => [nameOf(one), measured(one)]))];
    }),
  );
  writeFileSync(FILE, `${JSON.stringify(times, null, 2)}\n`);
}
