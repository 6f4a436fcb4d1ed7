import type { Line } from './lines.ts';
import { outage } from './outage.ts';
import { type EnvironmentLines, environment, exporter, type ProcessLines, type Series } from './series.ts';

/** The minute at which reads begin to fail. */
export const FROM = 10;
/** The minute at which they succeed again, unless a situation says otherwise. */
export const TO = 30;

/** Counts what fails twice a minute. */
export const countsUntil =
  (to: number): Line =>
  (minute) =>
    Math.max(0, Math.min(minute, to) - FROM) * 2;

/** Reads of everything fail between two minutes, for a reason. */
export const failing = (reason: keyof EnvironmentLines, to = TO): EnvironmentLines => ({
  ...outage({}, FROM, to),
  [reason]: countsUntil(to),
});

/** Environments that one exporter watches. */
export const fleetOf = (
  count: number,
  lines: (index: number) => EnvironmentLines,
  own: ProcessLines = {},
): readonly Series[] => [
  ...exporter(own),
  ...Array.from({ length: count }, (_, index) =>
    environment(lines(index), { id: `e${index}`, name: `n${index}` }),
  ).flat(),
];

/** The page about all of them, in time. */
export const page = (condition: 'api_unreachable' | 'api_key_refused' | 'rate_limited', over = TO + 6) =>
  ({ condition, environment: null, starts: [FROM + 2, FROM + 4.5], over }) as const;
