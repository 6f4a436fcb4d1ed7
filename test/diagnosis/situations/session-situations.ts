import { during, type Line, step } from '../support/lines.ts';
import { alone, type EnvironmentLines, environment, exporter, lostScrapes, replicas } from '../support/series.ts';
import type { Situation } from '../support/situation.ts';

/** Workers serve two runs a minute, and everything is healthy. */
const BUSY: EnvironmentLines = {
  itemsActive: 3,
  polling: 1,
  acknowledged: (minute) => minute * 2,
  stopped: (minute) => minute * 2,
  sessionsIdle: 0,
  terminated: 0,
  redelivered: 0,
};
/** A session is idle since minute 10: half an hour long at minute 40. */
const WAITS: EnvironmentLines = { ...BUSY, sessionsIdle: step(11, 0, 1), sessionSince: step(11, null, 600) };

/** Runs a minute, of which so many end within five seconds; all of them sessions. */
function runs(perMinute: number, short: number, from = 10): EnvironmentLines {
  const line =
    (rate: number): Line =>
    (minute) =>
      Math.floor(Math.max(0, minute - from) * rate);
  return {
    ...BUSY,
    acknowledged: line(perMinute),
    waits: line(perMinute),
    waitsUnknown: 0,
    runs: line(perMinute),
    shortRuns: line(short),
  };
}

/** The same, and a health check a minute, which ends at once. */
function withChecks(perMinute: number, short: number): EnvironmentLines {
  const own = runs(perMinute, short);
  const more = (key: 'acknowledged' | 'runs' | 'shortRuns'): Line => {
    const line = own[key] as (minute: number) => number;
    return (minute) => line(minute) + Math.floor(Math.max(0, minute - 10));
  };
  return { ...own, acknowledged: more('acknowledged'), runs: more('runs'), shortRuns: more('shortRuns') };
}

export const SESSION_SITUATIONS: readonly Situation[] = [
  { name: 'sessions of long runs do something', series: alone(BUSY), minutes: 60 },
  {
    name: 'a session requires action, and nobody acts',
    series: alone(WAITS),
    minutes: 90,
    tickets: [{ condition: 'session_waiting', starts: [40, 43] }],
  },
  {
    name: 'an approval that somebody gives within the time that is allowed',
    series: alone({ ...WAITS, sessionSince: during(11, 39, [null, 600]) }),
    minutes: 90,
  },
  {
    name: 'an approval that somebody gives after all',
    series: alone({ ...WAITS, sessionSince: during(11, 60, [null, 600]) }),
    minutes: 90,
    tickets: [{ condition: 'session_waiting', starts: [40, 43], over: 75 }],
  },
  {
    name: 'sessions that wait one after the other, none of them for long',
    series: alone({ ...WAITS, sessionSince: (minute) => (minute < 11 ? null : Math.floor(minute / 20) * 1200) }),
    minutes: 120,
  },
  {
    name: 'a session whose turn has ended, and whose worker stays',
    series: alone({ ...BUSY, sessionsIdle: 1, turnEndedSince: 0 }),
    minutes: 90,
  },
  {
    name: 'a session that waits where people are given two hours',
    series: alone({ ...WAITS, sessionLimit: 7200 }),
    minutes: 120,
  },
  {
    name: 'a session that waits where the comparison is off',
    series: alone({ ...WAITS, sessionLimit: Infinity }),
    minutes: 120,
  },
  {
    name: 'a session that waits, and scrapes that get lost',
    series: lostScrapes(alone(WAITS), [50, 51]),
    minutes: 90,
    tickets: [{ condition: 'session_waiting', starts: [40, 43] }],
  },
  {
    name: 'a session that waits, seen by one of two replicas',
    series: replicas(WAITS, BUSY),
    minutes: 90,
    tickets: [{ condition: 'session_waiting', starts: [40, 43] }],
  },
  {
    name: 'an exporter whose clock is ten minutes behind the API, and a session that waits for twenty-five minutes',
    series: [
      ...exporter({ skew: 600, time: (minute) => minute * 60 - 600 }),
      ...environment({ ...WAITS, lastStats: (minute) => minute * 60 - 600, lastList: (minute) => minute * 60 - 600 }),
    ],
    minutes: 35,
  },
  {
    name: 'an exporter whose clock is ten minutes ahead of the API, and a session that waits for too long',
    series: [
      ...exporter({ skew: -600, time: (minute) => minute * 60 + 600 }),
      ...environment({ ...WAITS, lastStats: (minute) => minute * 60 + 600, lastList: (minute) => minute * 60 + 600 }),
    ],
    minutes: 60,
    tickets: [{ condition: 'session_waiting', starts: [40, 43] }],
  },
  {
    name: 'an exporter whose clock is ten minutes ahead of the API, and items that have just started, from the first moment',
    series: [
      ...exporter({ skew: -600, time: (minute) => minute * 60 + 600 }),
      ...environment({
        ...BUSY,
        itemsStarting: 1,
        lastStats: (minute) => minute * 60 + 600,
        lastList: (minute) => minute * 60 + 600,
        sinceStarting: (minute) => minute * 60 - 20,
      }),
    ],
    minutes: 10,
  },
  {
    name: 'a skew is known, and no session waits',
    series: [...exporter({ skew: 20 }), ...environment(BUSY)],
    minutes: 60,
  },
  {
    name: 'a terminated session holds its item',
    series: alone({ ...BUSY, terminated: step(10, 0, 1) }),
    minutes: 60,
    tickets: [{ condition: 'item_stuck', starts: [19.5, 21] }],
  },
  {
    name: 'a worker that finishes its tool after its session has ended',
    series: alone({ ...BUSY, terminated: during(10, 17, [0, 1]) }),
    minutes: 60,
  },
  {
    name: 'an item is delivered again and again',
    series: alone({ ...BUSY, redelivered: step(10, 0, 1) }),
    minutes: 60,
    tickets: [{ condition: 'item_stuck', starts: [10.5, 12] }],
  },
  {
    name: 'an item that came back too often, until somebody stopped it',
    series: alone({ ...BUSY, redelivered: during(10, 20, [0, 1]) }),
    minutes: 60,
    tickets: [{ condition: 'item_stuck', starts: [10.5, 12], over: 33 }],
  },
  {
    name: 'sandboxes die before the first heartbeat, and their items come back again and again',
    series: alone({
      ...BUSY,
      itemsStarting: 1,
      // Acknowledged every six minutes, and lapsed after five.
      sinceStarting: (minute) => (minute % 6 < 5 ? Math.floor(minute / 6) * 360 : null),
      redelivered: step(16, 0, 1),
    }),
    minutes: 50,
    tickets: [{ condition: 'item_stuck' }],
  },
  {
    name: 'every run ends at once',
    series: alone(runs(2, 2)),
    minutes: 60,
    tickets: [{ condition: 'runs_too_short', starts: [12, 22] }],
  },
  {
    name: 'a run in three ends at once',
    series: alone(runs(3, 1)),
    minutes: 60,
  },
  {
    name: 'three runs that end at once are no pattern',
    series: alone({ ...runs(2, 2), ...cappedAt(3) }),
    minutes: 60,
  },
  {
    name: 'nothing but health checks',
    series: alone(withChecks(0, 0)),
    minutes: 60,
  },
  {
    name: 'health checks, and sessions that run',
    series: alone(withChecks(0.5, 0)),
    minutes: 60,
  },
  {
    name: 'health checks, and sessions that end at once',
    series: alone(withChecks(2, 2)),
    minutes: 60,
    tickets: [{ condition: 'runs_too_short', starts: [12, 22] }],
  },
];

/** At most so many runs, all of them short. */
function cappedAt(most: number): EnvironmentLines {
  const line: Line = (minute) => Math.min(most, Math.floor(Math.max(0, minute - 10)));
  return { acknowledged: line, waits: line, runs: line, shortRuns: line };
}
