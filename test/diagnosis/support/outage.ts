import { during, type Line } from './lines.ts';
import type { EnvironmentLines } from './series.ts';

/** The API cannot be read between two minutes: values are held for 90 s, then they disappear. */
export function outage(lines: EnvironmentLines, from: number, to: number): EnvironmentLines {
  const observed = [
    ...['depth', 'pending', 'age', 'polling', 'head', 'truncated', 'itemsStarting', 'itemsActive', 'itemsStopping'],
    ...['itemsQueued', 'itemsOther', 'staleStarting', 'staleActive', 'staleStopping', 'sinceQueued', 'ageUnknown'],
  ] as (keyof EnvironmentLines)[];
  const shown: EnvironmentLines = { ...environmentDefaults(), ...lines };
  const hidden = Object.fromEntries(
    observed.flatMap((key) => (shown[key] === undefined ? [] : [[key, during(from + 1.5, to, [shown[key], null])]])),
  );
  const frozen: Line = (minute) => (minute < to ? Math.min(minute, from) * 60 : minute * 60);
  const up = during(from, to, [1, 0]);
  return { ...lines, ...hidden, lastStats: frozen, lastList: frozen, upStats: up, upList: up };
}

function environmentDefaults(): EnvironmentLines {
  return {
    ...{ depth: 0, pending: 0, age: 0, polling: 2, truncated: 0, itemsStarting: 0, itemsActive: 0, itemsStopping: 0 },
    ...{ itemsQueued: 0, itemsOther: 0, staleStarting: 0, staleActive: 0, staleStopping: 0 },
  };
}
