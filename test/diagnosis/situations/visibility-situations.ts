import { during, type Line, now, step } from '../support/lines.ts';
import { outage } from '../support/outage.ts';
import { alone, environment, exporter, lostScrapes, type Series } from '../support/series.ts';
import type { Situation } from '../support/situation.ts';
import { countsUntil, FROM, failing, fleetOf, page, TO } from '../support/unread-fleet.ts';

const LATER = 50;
/** The clock of an exporter that is set back by five hours. */
const setBackAt =
  (when: number) =>
  (minute: number): number =>
    36_000 + minute * 60 - (minute < when ? 0 : 18_000);
/** The reads of an exporter with such a clock, which fail meanwhile. */
const readBy =
  (clock: (minute: number) => number): Line =>
  (minute) =>
    clock(minute >= FROM && minute < TO ? FROM - 0.5 : minute);
const removedAt = (minute: number, all: readonly Series[]): readonly Series[] =>
  all.map((one) => ({ ...one, line: step(minute, one.line, null) }));

export const VISIBILITY_SITUATIONS: readonly Situation[] = [
  {
    name: 'one environment cannot be read',
    series: alone(failing('statsTimeout')),
    minutes: 40,
    pages: [{ condition: 'not_readable', starts: [FROM + 2, FROM + 6.5], over: TO + 6 }],
  },
  {
    name: 'two minutes of timeouts',
    series: alone(failing('statsTimeout', FROM + 2)),
    minutes: 40,
  },
  {
    name: 'every second read fails',
    series: alone({ upStats: (minute) => (minute % 1 === 0 ? 1 : 0), lastStats: (minute) => Math.floor(minute) * 60 }),
    minutes: 40,
  },
  {
    name: 'an outage of the API with five environments',
    series: fleetOf(5, () => failing('statsTimeout')),
    minutes: 40,
    pages: [page('api_unreachable')],
  },
  ...(
    [
      ['in the middle of an outage of the API', FROM + 5],
      ['minutes before an outage of the API', FROM - 3],
    ] as const
  ).map(([when, minute]) => {
    const time = setBackAt(minute);
    const lines = { ...failing('statsTimeout'), lastStats: readBy(time), lastList: readBy(time) };
    return {
      name: `the clock of the exporter is set back by hours ${when}`,
      series: fleetOf(5, () => lines, { time }),
      minutes: 40,
      pages: [page('api_unreachable')],
    };
  }),
  {
    name: 'three of ten environments are blind',
    series: fleetOf(10, (index) => (index < 3 ? failing('statsTimeout') : {})),
    minutes: 50,
    pages: [page('api_unreachable')],
  },
  {
    name: 'two of ten environments are blind',
    series: fleetOf(10, (index) => (index < 2 ? failing('statsTimeout') : {})),
    minutes: 50,
    pages: ['e0', 'e1'].map((environment) => ({ condition: 'not_readable', environment, over: TO + 6 })),
  },
  {
    name: 'the list fails for another reason',
    series: alone({
      upList: step(FROM, 1, 0),
      lastList: (minute) => Math.min(minute, FROM) * 60,
      listTimeout: (minute) => Math.max(0, minute - FROM) * 2,
    }),
    minutes: 40,
    tickets: [{ condition: 'coverage_reduced', starts: [FROM + 5, FROM + 18] }],
  },
  ...(
    [
      ['429s, and then no answers', 'stats429', 'statsTimeout', 'rate_limited'],
      ['no answers, and then 429s', 'statsTimeout', 'stats429', 'api_unreachable'],
    ] as const
  ).map(
    ([what, first, second, condition]): Situation => ({
      name: `an outage with ${what}: one page`,
      series: fleetOf(3, () => ({
        ...failing(first),
        [first]: (minute: number) => Math.max(0, Math.min(minute, FROM + 8) - FROM) * 2,
        [second]: (minute: number) => Math.max(0, Math.min(minute, TO) - FROM - 8) * 2,
      })),
      minutes: 60,
      pages: [page(condition)],
    }),
  ),
  ...(
    [
      ['an outage of the API', 'statsTimeout', {}, 'api_unreachable'],
      ['a refused API key', 'stats401', { rejected: during(FROM, LATER, [0, 1]) }, 'api_key_refused'],
      ['a rate limit', 'stats429', {}, 'rate_limited'],
    ] as const
  ).map(([what, reason, own, condition]): Situation => {
    const lines = { ...outage({}, FROM, LATER), [reason]: countsUntil(LATER) };
    return {
      name: `all environments but one are taken out of the configuration in the middle of ${what}: the page stays`,
      series: [
        ...exporter(own),
        ...environment(lines, { id: 'e0' }),
        ...['e1', 'e2', 'e3'].flatMap((id) => removedAt(FROM + 8, environment(lines, { id }))),
      ],
      minutes: 65,
      pages: [page(condition, LATER + 6)],
    };
  }),
  {
    name: 'an environment was deleted at the API and is still in the file',
    series: alone({ ...outage({}, FROM, 1e6), stats404: (minute) => Math.max(0, minute - FROM) }),
    minutes: 40,
    tickets: [{ condition: 'no_such_environment', starts: [FROM, FROM + 9] }],
  },
  {
    name: 'a wrong address: the API knows none of the environments',
    series: fleetOf(3, () => ({ ...outage({}, FROM, 1e6), stats404: (minute) => Math.max(0, minute - FROM) })),
    minutes: 30,
    tickets: ['e0', 'e1', 'e2'].map((environment) => ({ condition: 'no_such_environment', environment })),
  },
  {
    name: 'a wrong address that is corrected after half an hour',
    series: fleetOf(3, () => ({
      ...outage({}, FROM, 40),
      stats404: (minute) => Math.min(Math.max(0, minute - FROM), 40 - FROM),
    })),
    minutes: 60,
    tickets: ['e0', 'e1', 'e2'].map((environment) => ({ condition: 'no_such_environment', environment, over: 46 })),
  },
  {
    name: 'clocks ten minutes apart and one failed read',
    series: [
      ...exporter({ time: (minute) => minute * 60 - 600 }),
      ...environment({
        watchedSince: -600,
        lastStats: (minute) => Math.floor(minute) * 60 - 600,
        lastList: (minute) => minute * 60 - 600,
      }),
    ],
    minutes: 40,
  },
  {
    name: 'a restart of the exporter',
    series: lostScrapes(alone({ watchedSince: step(20, 0, 1200) }), [20, 21.5]),
    minutes: 40,
  },
  {
    name: 'an environment is added and read within a minute',
    series: [
      ...exporter(),
      ...environment({ watchedSince: 1200 }).map((one) => ({
        ...one,
        line: (minute: number) => {
          if (minute < 20 || (/success|queue|items|workers/.test(one.name) && minute < 21)) return null;
          return typeof one.line === 'function' ? one.line(minute) : one.line;
        },
      })),
      ...environment({}, { id: 'other' }),
    ],
    minutes: 40,
  },
  {
    name: 'clocks of exporter and API differ, and ages are corrected',
    series: [...exporter({ skew: 90 }), ...environment({ lastStats: now })],
    minutes: 40,
  },
];
