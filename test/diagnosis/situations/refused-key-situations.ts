import { deadStats } from '../support/dead-fleet.ts';
import { during, step } from '../support/lines.ts';
import {
  alone,
  type EnvironmentLines,
  environment,
  exporter,
  exporterKey,
  type ProcessLines,
} from '../support/series.ts';
import type { Situation } from '../support/situation.ts';
import { FROM, failing, fleetOf, page, TO } from '../support/unread-fleet.ts';

const rejected: ProcessLines = { rejected: during(FROM, TO, [0, 1]) };

/** Its key is refused for the list, and the stats are read with another one. */
const refusedList: EnvironmentLines = {
  list401: (minute) => Math.max(0, Math.min(minute, TO) - FROM) * 2,
  upList: during(FROM, TO, [1, 0]),
  lastList: (minute) => (minute < TO ? Math.min(minute, FROM) : minute) * 60,
};

/** Keys that are refused: one of a connection, or of an environment. */
export const REFUSED_KEY_SITUATIONS: readonly Situation[] = [
  {
    name: 'the API key is revoked, five environments',
    series: fleetOf(5, () => failing('stats401'), rejected),
    minutes: 40,
    pages: [page('api_key_refused')],
  },
  {
    name: 'two environments are read with their own keys alone, and both are revoked: one page, which names the keys',
    series: [...fleetOf(2, () => failing('stats401'), { rejected: null }), ...exporterKey(FROM, TO)],
    minutes: 40,
    pages: [page('api_key_refused')],
  },
  {
    name: 'the API key is forbidden, two environments',
    series: fleetOf(2, () => failing('stats403'), rejected),
    minutes: 40,
    pages: [page('api_key_refused')],
  },
  {
    name: 'the API key may not ask which environments there are, and the API stops answering to anything else',
    series: fleetOf(3, () => failing('statsTimeout'), { rejected: 1, discovery: 0 }),
    minutes: 40,
    pages: [page('api_unreachable')],
    tickets: [{ condition: 'api_key_refused', environment: null }],
  },
  {
    name: 'the API key is revoked, one environment',
    series: fleetOf(1, () => failing('stats401'), rejected),
    minutes: 40,
    pages: [{ condition: 'key_refused', environment: 'e0', starts: [FROM + 2, FROM + 5], over: TO + 6 }],
  },
  {
    name: 'one 401 while a key is rotated',
    series: alone({ stats401: step(FROM, 0, 1), upStats: during(FROM, FROM + 0.5, [1, 0]) }),
    minutes: 40,
  },
  {
    name: 'the environment key that the workers share is revoked',
    series: [
      ...exporter(),
      ...exporterKey(FROM),
      ...environment({
        ...deadStats(FROM),
        list401: (minute) => Math.max(0, minute - FROM) * 2,
        upList: step(FROM, 1, 0),
        lastList: (minute) => Math.min(minute, FROM) * 60,
        ...gone(['itemsQueued', 'itemsStarting', 'itemsActive', 'itemsStopping', 'staleStarting', 'staleActive']),
        ...gone(['staleStopping', 'sinceQueued', 'itemsOther']),
      }),
    ],
    minutes: 40,
    pages: [{ condition: 'key_refused', starts: [FROM + 2, 14.5] }],
  },
  {
    name: 'the key of one environment is revoked, and that of another for the list alone: a page, and a ticket beside it',
    series: [
      ...fleetOf(4, (index) => [failing('stats401'), refusedList][index] ?? {}, { rejected: null }),
      ...['e0', 'e1'].flatMap((credential) =>
        exporterKey(FROM, TO).map((one) => ({ ...one, labels: { ...one.labels, credential } })),
      ),
    ],
    minutes: 40,
    pages: [{ condition: 'key_refused', environment: 'e0', starts: [FROM + 2, FROM + 5], over: TO + 6 }],
    tickets: [{ condition: 'key_refused', environment: 'e1', starts: [FROM, FROM + 9], over: TO + 9 }],
  },
  {
    name: 'an environment key that only the exporter uses is revoked',
    series: [
      ...exporter(),
      ...exporterKey(FROM),
      ...environment({
        list401: (minute) => Math.max(0, minute - FROM) * 2,
        upList: step(FROM, 1, 0),
        lastList: (minute) => Math.min(minute, FROM) * 60,
      }),
    ],
    minutes: 40,
    tickets: [{ condition: 'key_refused', starts: [FROM, FROM + 8] }],
  },
];

function gone(keys: readonly (keyof EnvironmentLines)[]): EnvironmentLines {
  return Object.fromEntries(keys.map((key) => [key, step(FROM + 1.5, 0, null)]));
}
