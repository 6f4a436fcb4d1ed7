import { during, type Line, step } from '../support/lines.ts';
import { outage } from '../support/outage.ts';
import { type EnvironmentLines, environment, exporter, exporterKey, healthyLine, NO_KEY } from '../support/series.ts';
import type { Situation } from '../support/situation.ts';
import { FROM, failing, fleetOf, page } from '../support/unread-fleet.ts';

/** Discovery fails or finds less, and environments that it finds have no key. */
export const DISCOVERY_SITUATIONS: readonly Situation[] = [
  {
    name: 'nothing is watched, and discovery is refused from the start',
    series: exporter({ discovery: 0, watched: 0, rejected: 1, hash: 7 }),
    minutes: 40,
    pages: [{ condition: 'discovery_failing', environment: null, starts: [2, 8] }],
  },
  {
    name: 'discovery fails, and what was found before is still watched',
    series: [...exporter({ discovery: step(FROM, 1, 0) }), ...environment()],
    minutes: 40,
    tickets: [{ condition: 'discovery_failing', environment: null }],
  },
  {
    name: 'a new API key belongs to another workspace: discovery works, and finds nothing of what was watched',
    series: [
      ...exporter({ discovery: 1 }),
      ...environment().map((one) => ({
        ...one,
        line: (minute: number) => {
          if (minute >= FROM) return null;
          return typeof one.line === 'function' ? one.line(minute) : one.line;
        },
      })),
    ],
    minutes: 50,
    tickets: [{ condition: 'discovery_failing', environment: null, starts: [FROM + 15, FROM + 30] }],
  },
  { name: 'a workspace without an environment', series: exporter({ discovery: 1, watched: 0 }), minutes: 60 },
  {
    name: 'the API key is refused for discovery alone: one ticket, about the key',
    series: [...exporter({ discovery: step(FROM, 1, 0), rejected: step(FROM, 0, 1) }), ...environment()],
    minutes: 60,
    tickets: [{ condition: 'api_key_refused', environment: null, starts: [FROM + 2, FROM + 9] }],
  },
  {
    name: 'the API key is refused for discovery, and after it was replaced discovery fails for another reason',
    series: [...exporter({ discovery: 0, rejected: step(30, 1, 0) }), ...environment()],
    minutes: 60,
    tickets: [
      { condition: 'api_key_refused', environment: null, starts: [2, 9], over: 37 },
      { condition: 'discovery_failing', environment: null, starts: [45, 50] },
    ],
  },
  {
    name: 'an environment key is refused, and discovery fails for another reason',
    series: [...exporter({ discovery: 0 }), ...exporterKey(0), ...environment()],
    minutes: 40,
    tickets: [{ condition: 'key_refused' }, { condition: 'discovery_failing', environment: null }],
  },
  {
    name: 'the API key is revoked, and discovery with it: one page, and nothing after the repair',
    series: fleetOf(1, () => ({ ...outage({}, FROM, 70), stats401: (minute) => Math.min(minute, 70) * 2 }), {
      rejected: during(FROM, 70, [0, 1]),
      discovery: during(FROM, 72, [1, 0]),
    }),
    minutes: 90,
    pages: [{ condition: 'key_refused', environment: 'e0', starts: [FROM + 2, FROM + 5], over: 76 }],
  },
  {
    name: 'discovery finds an environment for which there is no key',
    series: [...exporter({ discovery: 1 }), ...environment(NO_KEY), ...environment({}, { id: 'other' })],
    minutes: 40,
    tickets: [{ condition: 'no_such_environment', starts: [4, 12] }],
  },
  {
    name: 'nine of ten environments have no key, and the tenth is read',
    series: fleetOf(10, (index) => (index === 0 ? {} : NO_KEY), { discovery: 1 }),
    minutes: 30,
    tickets: Array.from({ length: 9 }, (_, index) => ({
      condition: 'no_such_environment' as const,
      environment: `e${index + 1}`,
    })),
  },
  {
    name: 'the API goes away for two environments, and two more have no key',
    series: fleetOf(4, (index) => (index < 2 ? failing('statsTimeout') : NO_KEY)),
    minutes: 40,
    pages: [page('api_unreachable')],
    tickets: ['e2', 'e3'].map((environment) => ({ condition: 'no_such_environment', environment })),
  },
  {
    name: 'a key is put in place within five minutes',
    series: [
      ...exporter({ discovery: 1 }),
      ...environment(
        Object.fromEntries(Object.keys(NO_KEY).map((key) => [key, arrives(key as keyof EnvironmentLines)])),
      ),
    ],
    minutes: 40,
  },
];

/** A series that is there from minute 4 on, when a key is. */
function arrives(key: keyof EnvironmentLines): Line {
  return step(4, NO_KEY[key]!, healthyLine(key));
}
