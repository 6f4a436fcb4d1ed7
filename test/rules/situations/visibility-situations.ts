import { during, type Line, now, step } from '../support/lines.ts';
import { alone, lostScrapes } from '../support/rule-case.ts';
import {
  type EnvironmentLines,
  environment,
  exporter,
  healthyLine,
  NO_KEY,
  type ProcessLines,
  type Series,
} from '../support/series.ts';
import type { Situation } from '../support/situation.ts';
import { deadStats, outage } from './worker-situations.ts';

const FROM = 10;
const TO = 30;
const LATER = 50;
const countsUntil =
  (to: number): Line =>
  (minute) =>
    Math.max(0, Math.min(minute, to) - FROM) * 2;
const counts = countsUntil(TO);
/** Reads of everything fail between two minutes, for a reason. */
const failing = (reason: keyof EnvironmentLines, to = TO): EnvironmentLines => ({
  ...outage({}, FROM, to),
  [reason]: counts,
});
const fleetOf = (
  count: number,
  lines: (index: number) => EnvironmentLines,
  own: ProcessLines = {},
): readonly Series[] => [
  ...exporter(own),
  ...Array.from({ length: count }, (_, index) =>
    environment(lines(index), { id: `e${index}`, name: `n${index}` }),
  ).flat(),
];
/** Counts what fails once in five minutes, the first time so many minutes after the beginning. */
const everyFiveMinutes =
  (first: number): Line =>
  (minute) =>
    Math.max(0, Math.floor((Math.min(minute, TO) - FROM + 4.5 - first) / 5));
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
/** Counts what fails once in ten minutes, the first time so many minutes after the beginning. */
const everyTen =
  (first: number): Line =>
  (minute) =>
    Math.max(0, Math.floor((Math.min(minute, TO) - FROM + 9.5 - first) / 10));
/** Until which minute nothing is asked, as a stamp that is there only meanwhile. */
const backoff = (until: (minute: number) => number): EnvironmentLines => {
  const line = during(FROM, TO, [null, (minute) => until(minute) * 60]);
  return { statsBackoff: line, listBackoff: line };
};
/** The API asks for a pause of hours, and the exporter asks again after five minutes. */
const PAUSED = backoff((minute) => FROM + 5 * (Math.floor((minute - FROM) / 5) + 1));
/** Its connection is paused, and no read of its own has failed. */
const WAITS: EnvironmentLines = { upStats: 1, upList: 1 };
const removedAt = (minute: number, all: readonly Series[]): readonly Series[] =>
  all.map((one) => ({ ...one, line: step(minute, one.line, null) }));
const rejected: ProcessLines = { rejected: during(FROM, TO, [0, 1]) };
const page = (alert: 'ApiUnreachable' | 'CredentialRejected' | 'ApiRateLimited', over = TO + 6) =>
  ({ alert, environment: null, starts: [FROM + 2, FROM + 4.5], over }) as const;

/**
 * An exporter that starts while the API answers 429 and asks for pauses of so many minutes. All its reads have met one
 * before the first scrape; after that, each pause ends with one more for the first environment.
 */
const startsLimited = (
  { count, lists, pause, instance }: { count: number; lists: boolean; pause: number; instance?: string },
  own: EnvironmentLines = {},
): readonly Series[] => {
  const probes = (minute: number) => Math.floor((Math.min(minute, TO) - FROM) / pause);
  const later = (line: Line) => during(FROM, TO, [line, null]);
  const place = instance === undefined ? {} : { instance };
  return Array.from({ length: count }, (_, index) => {
    const lines: EnvironmentLines = {
      ...outage({}, FROM, TO),
      lastStats: later(now),
      lastList: later(now),
      watchedSince: FROM * 60 - 20,
      stats429: (minute) => 1 + (index === 0 ? probes(minute) : 0),
      list429: lists ? 1 : null,
      ...backoff((minute) => FROM + pause * (Math.floor((minute - FROM) / pause) + 1)),
      ...own,
    };
    return environment(lines, { id: `e${index}`, name: `n${index}`, ...place }).map((one) => ({
      ...one,
      line: during(FROM, 1e6, [null, one.line]),
    }));
  }).flat();
};
/** Counters of 429s that were met long ago, and reads that time out so seldom that none of them proves anything. */
const limitedLongAgo = (index: number): EnvironmentLines => ({
  ...failing('statsTimeout'),
  statsTimeout: everyTen(index),
  stats429: 50,
});

export const VISIBILITY_SITUATIONS: readonly Situation[] = [
  {
    name: 'one environment cannot be read',
    series: alone(failing('statsTimeout')),
    minutes: 40,
    pages: [{ alert: 'EnvironmentNotVisible', starts: [FROM + 4, FROM + 6.5], over: TO + 6 }],
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
    pages: [page('ApiUnreachable')],
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
      pages: [page('ApiUnreachable')],
    };
  }),
  {
    name: 'three of ten environments are blind',
    series: fleetOf(10, (index) => (index < 3 ? failing('statsTimeout') : {})),
    minutes: 50,
    pages: [page('ApiUnreachable')],
  },
  {
    name: 'two of ten environments are blind',
    series: fleetOf(10, (index) => (index < 2 ? failing('statsTimeout') : {})),
    minutes: 50,
    pages: ['e0', 'e1'].map((environment) => ({ alert: 'EnvironmentNotVisible', environment, over: TO + 6 })),
  },
  {
    name: 'the API key is revoked, five environments',
    series: fleetOf(5, () => failing('stats401'), rejected),
    minutes: 40,
    pages: [page('CredentialRejected')],
  },
  {
    name: 'two environments are read with their own keys alone, and both are revoked: one page, which names the keys',
    series: [...fleetOf(2, () => failing('stats401'), { rejected: null }), ...exporterKey(FROM, TO)],
    minutes: 40,
    pages: [page('CredentialRejected')],
  },
  {
    name: 'the API key is forbidden, two environments',
    series: fleetOf(2, () => failing('stats403'), rejected),
    minutes: 40,
    pages: [page('CredentialRejected')],
  },
  {
    name: 'the API key may not ask which environments there are, and the API stops answering to anything else',
    series: fleetOf(3, () => failing('statsTimeout'), { rejected: 1, discovery: 0 }),
    minutes: 40,
    pages: [page('ApiUnreachable')],
    tickets: [{ alert: 'CredentialRejected', environment: null }],
  },
  {
    name: 'the API key is revoked, one environment',
    series: fleetOf(1, () => failing('stats401'), rejected),
    minutes: 40,
    pages: [{ alert: 'ApiAuthFailing', environment: 'e0', starts: [FROM + 2, FROM + 5], over: TO + 6 }],
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
    pages: [{ alert: 'ApiAuthFailing', starts: [FROM + 2, 14.5] }],
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
    tickets: [{ alert: 'CredentialRejected', environment: null, starts: [FROM, FROM + 8] }],
  },
  {
    name: 'the list fails for another reason',
    series: alone({ upList: step(FROM, 1, 0), lastList: (minute) => Math.min(minute, FROM) * 60 }),
    minutes: 40,
    tickets: [{ alert: 'ItemsNotVisible', starts: [FROM + 5, FROM + 18] }],
  },
  {
    name: '429s, and reads still succeed now and then',
    series: alone({
      stats429: (minute) => minute,
      requests: (minute) => minute * 5,
      lastStats: (minute) => Math.floor(minute) * 60,
    }),
    minutes: 40,
    tickets: [{ alert: 'ApiRateLimited', environment: null }],
  },
  {
    name: 'lists are rate-limited and never read, three environments: the ticket about the limit says it for all',
    series: [
      ...exporter(),
      ...['e0', 'e1', 'e2'].flatMap((id) =>
        environment(
          {
            upList: step(FROM, 1, 0),
            list429: (minute) => Math.max(0, minute - FROM) * 2,
            requests: (minute) => minute * 4,
          },
          { id },
        ),
      ),
    ],
    minutes: 60,
    tickets: [{ alert: 'ApiRateLimited', environment: null }],
  },
  {
    name: 'a 429 storm in which each of seven environments is asked once in five minutes',
    series: fleetOf(7, (index) => ({ ...failing('stats429'), stats429: everyFiveMinutes(index / 2) })),
    minutes: 40,
    pages: [page('ApiRateLimited')],
  },
  ...(
    [
      [1, true, 2],
      [1, false, 2],
      [2, true, 2],
      [2, false, 2],
      [7, true, 2],
      [7, false, 2],
      [1, true, 5],
      [2, false, 5],
      [7, true, 5],
    ] as const
  ).map(([count, lists, pause]) => ({
    name: `an exporter of ${count} environments starts while the API asks for pauses of ${pause} minutes${lists ? '' : ', and reads no lists'}`,
    series: [...exporter(), ...startsLimited({ count, lists, pause })],
    minutes: 45,
    pages: [page('ApiRateLimited')],
  })),
  // Whichever replica Prometheus meets first.
  ...(
    [
      ['a', 'b'],
      ['b', 'a'],
    ] as const
  ).map(([metTwo, ahead]) => ({
    name: `two replicas start while the API asks for pauses of five minutes: ${metTwo} has met two 429s, the clock of ${ahead} is ahead`,
    series: [
      ...exporter({}, { instance: metTwo }),
      ...exporter({ time: (minute) => minute * 60 + 3600 }, { instance: ahead }),
      ...startsLimited({ count: 1, lists: false, pause: 5, instance: metTwo }, { stats429: 2 }),
      ...startsLimited(
        { count: 1, lists: false, pause: 5, instance: ahead },
        { stats429: 1, watchedSince: FROM * 60 + 3580 },
      ),
    ],
    minutes: 45,
    pages: [{ alert: 'ApiRateLimited' as const, environment: null, starts: [FROM + 2, FROM + 4.5] as const }],
  })),
  {
    name: 'an exporter starts while the API answers 429 once and then fails: an outage',
    series: [
      ...exporter(),
      ...startsLimited(
        { count: 4, lists: true, pause: 2 },
        { stats429: 1, stats5xx: counts, statsBackoff: null, listBackoff: null },
      ),
    ],
    minutes: 45,
    pages: [page('ApiUnreachable')],
  },
  {
    name: 'an exporter met 429s at its start, which was twenty minutes before an outage',
    series: fleetOf(7, (index) => ({ ...limitedLongAgo(index), watchedSince: (FROM - 20) * 60 })),
    minutes: 40,
    pages: [page('ApiUnreachable')],
  },
  {
    name: 'an outage after an environment was added beside others of its name, which have met 429s long ago',
    series: [
      ...exporter(),
      ...Array.from({ length: 7 }, (_, index) =>
        environment(
          index === 6
            ? { ...limitedLongAgo(index), stats429: 0, watchedSince: (FROM - 3) * 60 }
            : limitedLongAgo(index),
          { id: `e${index}`, name: 'same' },
        ),
      ).flat(),
    ],
    minutes: 40,
    pages: [page('ApiUnreachable')],
  },
  {
    name: 'an outage minutes after the start of a replica, beside one that has met 429s long ago',
    series: [
      ...fleetOf(7, limitedLongAgo),
      ...exporter({}, { instance: 'b' }),
      ...Array.from({ length: 7 }, (_, index) =>
        environment(
          { ...limitedLongAgo(index), stats429: 0, watchedSince: (FROM - 3) * 60 },
          { id: `e${index}`, name: `n${index}`, instance: 'b' },
        ),
      ).flat(),
    ],
    minutes: 40,
    pages: [page('ApiUnreachable')],
  },
  {
    name: 'four environments meet 429s now and then and are read, and the reads of a fifth time out',
    series: fleetOf(5, (index) => (index < 4 ? { stats429: (minute) => minute } : failing('statsTimeout'))),
    minutes: 40,
    pages: [{ alert: 'EnvironmentNotVisible', environment: 'e4', over: TO + 6 }],
  },
  {
    name: 'a 429 storm that hides everything',
    series: fleetOf(4, () => ({ ...failing('stats429'), requests: (minute) => minute * 4 })),
    minutes: 40,
    pages: [page('ApiRateLimited')],
  },
  {
    name: 'after a 429 the API asks for hours, and one environment of four is asked once in five minutes',
    series: fleetOf(4, (index) => ({
      ...failing('stats429'),
      ...PAUSED,
      ...(index === 0 ? { stats429: everyFiveMinutes(0) } : { ...WAITS, stats429: 0 }),
    })),
    minutes: 40,
    pages: [page('ApiRateLimited')],
  },
  ...(
    [
      ['its list', { upStats: 1, list429: everyFiveMinutes(0) }],
      [
        'its stats and its list in turn',
        { stats429: everyTen(0), list429: everyTen(5), upList: during(FROM + 5, TO, [1, 0]) },
      ],
    ] as const
  ).map(
    ([what, lines]): Situation => ({
      name: `after a 429 the API asks for hours, and the only environment is asked for ${what}`,
      series: fleetOf(1, () => ({ ...failing('stats429'), ...PAUSED, stats429: 0, ...lines })),
      minutes: 40,
      pages: [page('ApiRateLimited')],
    }),
  ),
  {
    name: 'after a 429 the API asks for hours, and only discovery is asked for',
    series: fleetOf(2, () => ({ ...failing('stats429'), ...PAUSED, ...WAITS, stats429: 0 }), {
      discovery: during(FROM, TO, [1, 0]),
    }),
    minutes: 40,
    pages: [page('ApiRateLimited')],
  },
  {
    name: 'a pause after a 429, and then the API does not answer: the page says that',
    series: fleetOf(4, () => ({
      ...failing('statsTimeout'),
      upStats: during(FROM + 1, TO, [1, 0]),
      upList: during(FROM + 1, TO, [1, 0]),
      ...backoff((minute) => (minute < FROM + 1 ? FROM + 1 : minute + 0.5)),
      statsTimeout: (minute) => Math.max(0, Math.min(minute, TO) - FROM - 1) * 2,
      stats429: step(FROM, 0, 1),
    })),
    minutes: 40,
    pages: [page('ApiUnreachable')],
  },
  ...(
    [
      ['429s, and then no answers', 'stats429', 'statsTimeout', 'ApiRateLimited'],
      ['no answers, and then 429s', 'statsTimeout', 'stats429', 'ApiUnreachable'],
    ] as const
  ).map(
    ([what, first, second, alert]): Situation => ({
      name: `an outage with ${what}: one page`,
      series: fleetOf(3, () => ({
        ...failing(first),
        [first]: (minute: number) => Math.max(0, Math.min(minute, FROM + 8) - FROM) * 2,
        [second]: (minute: number) => Math.max(0, Math.min(minute, TO) - FROM - 8) * 2,
      })),
      minutes: 60,
      pages: [page(alert)],
    }),
  ),
  ...(
    [
      ['an outage of the API', 'statsTimeout', {}, 'ApiUnreachable'],
      ['a refused API key', 'stats401', { rejected: during(FROM, LATER, [0, 1]) }, 'CredentialRejected'],
      ['a rate limit', 'stats429', {}, 'ApiRateLimited'],
    ] as const
  ).map(([what, reason, own, alert]): Situation => {
    const lines = { ...outage({}, FROM, LATER), [reason]: countsUntil(LATER) };
    return {
      name: `all environments but one are taken out of the configuration in the middle of ${what}: the page stays`,
      series: [
        ...exporter(own),
        ...environment(lines, { id: 'e0' }),
        ...['e1', 'e2', 'e3'].flatMap((id) => removedAt(FROM + 8, environment(lines, { id }))),
      ],
      minutes: 65,
      pages: [page(alert, LATER + 6)],
    };
  }),
  {
    name: 'an environment was deleted at the API and is still in the file',
    series: alone({ ...outage({}, FROM, 1e6), stats404: (minute) => Math.max(0, minute - FROM) }),
    minutes: 40,
    tickets: [{ alert: 'EnvironmentMisconfigured', starts: [FROM, FROM + 9] }],
  },
  {
    name: 'a wrong address: the API knows none of the environments',
    series: fleetOf(3, () => ({ ...outage({}, FROM, 1e6), stats404: (minute) => Math.max(0, minute - FROM) })),
    minutes: 30,
    pages: [{ alert: 'ApiUnreachable', environment: null, starts: [FROM + 2, FROM + 5] }],
  },
  {
    name: 'a wrong address that is corrected after half an hour: no environment is said to be deleted',
    series: fleetOf(3, () => ({
      ...outage({}, FROM, 40),
      stats404: (minute) => Math.min(Math.max(0, minute - FROM), 40 - FROM),
    })),
    minutes: 60,
    pages: [{ alert: 'ApiUnreachable', environment: null, starts: [FROM + 2, FROM + 5], over: 46 }],
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
      ...environment().map((one) => ({
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
    name: 'nothing is watched, and discovery is refused from the start',
    series: exporter({ discovery: 0, watched: 0, rejected: 1, hash: 7 }),
    minutes: 40,
    pages: [{ alert: 'DiscoveryFailing', environment: null, starts: [2, 8] }],
  },
  {
    name: 'discovery fails, and what was found before is still watched',
    series: [...exporter({ discovery: step(FROM, 1, 0) }), ...environment()],
    minutes: 40,
    tickets: [{ alert: 'DiscoveryFailing', environment: null }],
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
    tickets: [{ alert: 'DiscoveryFailing', environment: null, starts: [FROM + 15, FROM + 30] }],
  },
  { name: 'a workspace without an environment', series: exporter({ discovery: 1, watched: 0 }), minutes: 60 },
  {
    name: 'the API key is refused for discovery alone: one ticket, about the key',
    series: [...exporter({ discovery: step(FROM, 1, 0), rejected: step(FROM, 0, 1) }), ...environment()],
    minutes: 60,
    tickets: [{ alert: 'CredentialRejected', environment: null, starts: [FROM + 2, FROM + 9] }],
  },
  {
    name: 'the API key is refused for discovery, and after it was replaced discovery fails for another reason',
    series: [...exporter({ discovery: 0, rejected: step(30, 1, 0) }), ...environment()],
    minutes: 60,
    tickets: [
      { alert: 'CredentialRejected', environment: null, starts: [2, 9], over: 37 },
      { alert: 'DiscoveryFailing', environment: null, starts: [45, 50] },
    ],
  },
  {
    name: 'an environment key is refused, and discovery fails for another reason',
    series: [...exporter({ discovery: 0 }), ...exporterKey(0), ...environment()],
    minutes: 40,
    tickets: [
      { alert: 'CredentialRejected', environment: null },
      { alert: 'DiscoveryFailing', environment: null },
    ],
  },
  {
    name: 'the API key is revoked, and discovery with it: one page, and nothing after the repair',
    series: fleetOf(1, () => ({ ...outage({}, FROM, 70), stats401: (minute) => Math.min(minute, 70) * 2 }), {
      rejected: during(FROM, 70, [0, 1]),
      discovery: during(FROM, 72, [1, 0]),
    }),
    minutes: 90,
    pages: [{ alert: 'ApiAuthFailing', environment: 'e0', starts: [FROM + 2, FROM + 5], over: 76 }],
  },
  {
    name: 'discovery finds an environment for which there is no key',
    series: [...exporter({ discovery: 1 }), ...environment(NO_KEY), ...environment({}, { id: 'other' })],
    minutes: 40,
    tickets: [{ alert: 'EnvironmentMisconfigured', starts: [4, 12] }],
  },
  {
    name: 'nine of ten environments have no key, and the tenth is read',
    series: fleetOf(10, (index) => (index === 0 ? {} : NO_KEY), { discovery: 1 }),
    minutes: 30,
    tickets: Array.from({ length: 9 }, (_, index) => ({
      alert: 'EnvironmentMisconfigured' as const,
      environment: `e${index + 1}`,
    })),
  },
  {
    name: 'the API goes away for two environments, and two more have no key',
    series: fleetOf(4, (index) => (index < 2 ? failing('statsTimeout') : NO_KEY)),
    minutes: 40,
    pages: [page('ApiUnreachable')],
    tickets: ['e2', 'e3'].map((environment) => ({ alert: 'EnvironmentMisconfigured', environment })),
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
  {
    name: 'clocks of exporter and API differ, and ages are corrected',
    series: [...exporter({ skew: 90 }), ...environment({ lastStats: now })],
    minutes: 40,
  },
];

/** A series that is there from minute 4 on, when a key is. */
function arrives(key: keyof EnvironmentLines): Line {
  return step(4, NO_KEY[key]!, healthyLine(key));
}

function gone(keys: readonly (keyof EnvironmentLines)[]): EnvironmentLines {
  return Object.fromEntries(keys.map((key) => [key, step(FROM + 1.5, 0, null)]));
}

function exporterKey(from: number, to = Infinity): readonly Series[] {
  return exporter({ rejected: during(from, to, [0, 1]) })
    .filter(({ name }) => name === 'anthropic_work_credential_rejected')
    .map((one) => ({ ...one, labels: { ...one.labels, credential: 'e' } }));
}
