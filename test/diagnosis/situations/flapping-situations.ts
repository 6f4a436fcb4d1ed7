import { deadStats } from '../support/dead-fleet.ts';
import { during, type Line, now, step, valueAt } from '../support/lines.ts';
import { outage } from '../support/outage.ts';
import {
  alone,
  bareConnection,
  type EnvironmentKey,
  type EnvironmentLines,
  environment,
  exporter,
  type Series,
} from '../support/series.ts';
import type { Situation } from '../support/situation.ts';

const FROM = 10;
const TO = 50;

/** Seven minutes away, one minute back, again and again; what was read is shown for 90 s longer. */
export function comesAndGoes(): EnvironmentLines {
  const away = (minute: number) => minute >= FROM && minute < TO && (minute - FROM) % 8 < 7;
  const read: Line = (minute) => (away(minute) ? (minute - ((minute - FROM) % 8)) * 60 : minute * 60);
  const up: Line = (minute) => (away(minute) ? 0 : 1);
  return { upStats: up, upList: up, lastStats: read, lastList: read };
}

/** Three environments that cannot be read for twelve minutes, and again after a pause. */
const awayTwice = (pause: number): readonly Series[] => {
  const again = FROM + 12 + pause;
  const since = (minute: number) =>
    minute >= FROM && minute < FROM + 12 ? FROM : minute >= again && minute < again + 12 ? again : minute;
  const read: Line = (minute) => since(minute) * 60;
  const up: Line = (minute) => (since(minute) === minute && minute !== FROM && minute !== again ? 1 : 0);
  const lines = { upStats: up, upList: up, lastStats: read, lastList: read };
  return [...exporter(), ...['e1', 'e2', 'e3'].flatMap((id) => environment(lines, { id, name: id }))];
};

/** What is so for `there` minutes and not so for `gone` minutes, by turns, up to TO. */
export interface Turns {
  readonly there: number;
  readonly gone: number;
}

/** When each of them begins. */
const begins = ({ there, gone }: Turns): number[] =>
  Array.from({ length: Math.ceil((TO - FROM) / (there + gone)) }, (_, turn) => FROM + turn * (there + gone));
/** When the last one ends. */
export const endOf = (turns: Turns): number => begins(turns).at(-1)! + turns.there;

/** A trouble that is there by turns: its lines between two minutes, for each turn. */
export function byTurns(turns: Turns, trouble: (from: number, to: number) => EnvironmentLines): EnvironmentLines {
  const all = begins(turns).map((from) => ({ from, lines: trouble(from, from + turns.there) }));
  const keys = Object.keys(all[0]!.lines) as EnvironmentKey[];
  const line =
    (key: EnvironmentKey): Line =>
    (minute) =>
      valueAt((all.findLast(({ from }) => from <= minute) ?? all[0]!).lines[key]!, minute);
  return Object.fromEntries(keys.map((key) => [key, line(key)]));
}

const SHORT: Turns = { there: 5, gone: 4 };
const LONG: Turns = { there: 6, gone: 8 };
const SELDOM: Turns = { there: 10, gone: 25 };

/** Nothing of it is shown between two minutes. */
const unknownBetween = (all: readonly Series[], from: number, to: number): readonly Series[] =>
  all.map((one) => ({ ...one, line: during(from, to, [one.line, null]) }));

/** Three environments that discovery found, whose reads fail, and whose exporter is restarted meanwhile. */
export const restartedWhile = (
  lines: EnvironmentLines,
  ids: readonly string[],
  rejected: Line = 0,
): readonly Series[] => [
  ...exporter({ discovery: during(FROM, TO, [1, 0]), rejected }),
  ...ids.flatMap((id) =>
    unknownBetween(environment({ ...outage({}, FROM, TO), ...lines }, { id, name: id }), TO - 20, TO + 0.5),
  ),
];
const failures: Line = (minute) => Math.max(0, Math.min(minute, TO) - FROM) * 2;

/** What comes and goes, or is only half there. */
export const FLAPPING_SITUATIONS: readonly Situation[] = [
  {
    name: 'an API that comes and goes, three environments: one page',
    series: [...exporter(), ...['e1', 'e2', 'e3'].flatMap((id) => environment(comesAndGoes(), { id, name: id }))],
    minutes: 70,
    pages: [{ condition: 'api_unreachable', environment: null, starts: [FROM + 2, FROM + 4.5], over: TO + 6 }],
  },
  {
    name: 'an outage that returns after two minutes: one page',
    series: awayTwice(2),
    minutes: 55,
    pages: [{ condition: 'api_unreachable', environment: null, starts: [FROM + 2, FROM + 4.5], over: FROM + 26 + 6.5 }],
  },
  {
    name: 'an outage that returns after ten minutes: two pages',
    series: awayTwice(10),
    minutes: 60,
    pages: [{ condition: 'api_unreachable', environment: null, times: 2, over: FROM + 34 + 12 }],
  },
  {
    name: 'an outage that returns after half an hour: two pages, and the second one ends as soon as the first',
    series: awayTwice(30),
    minutes: 80,
    pages: [{ condition: 'api_unreachable', environment: null, times: 2, over: FROM + 54 + 6.5 }],
  },
  {
    name: 'a fleet that is dead for five minutes and there for four, by turns: the second page stays',
    series: alone(byTurns(SHORT, deadStats)),
    minutes: 70,
    pages: [{ condition: 'no_workers', times: 2, over: endOf(SHORT) + 11 }],
  },
  {
    name: 'a fleet that dies again 25 minutes after it came back: two pages, and the second one ends as soon as the first',
    series: alone(byTurns(SELDOM, deadStats)),
    minutes: 70,
    pages: [{ condition: 'no_workers', times: 2, over: endOf(SELDOM) + 6 }],
  },
  {
    name: 'an environment that cannot be read for six minutes and can for eight, by turns: the second page stays',
    series: alone(byTurns(LONG, (from, to) => outage({}, from, to))),
    minutes: 80,
    pages: [{ condition: 'not_readable', times: 2, over: endOf(LONG) + 12 }],
  },
  {
    name: 'an API that is away for six minutes and there for eight, by turns: the second page stays',
    series: [
      ...exporter(),
      ...['e1', 'e2', 'e3'].flatMap((id) =>
        environment(
          byTurns(LONG, (from, to) => outage({}, from, to)),
          { id, name: id },
        ),
      ),
    ],
    minutes: 80,
    pages: [{ condition: 'api_unreachable', environment: null, times: 2, over: endOf(LONG) + 12 }],
  },
  {
    name: 'an environment that comes and goes: one page',
    series: alone(comesAndGoes()),
    minutes: 70,
    pages: [{ condition: 'not_readable', over: TO + 6 }],
  },
  {
    name: 'an outage in which an exporter with discovery is restarted and knows nothing any more: still the same page',
    series: restartedWhile({ statsTimeout: failures }, ['e1', 'e2', 'e3']),
    minutes: 70,
    pages: [{ condition: 'api_unreachable', environment: null, starts: [FROM + 2, FROM + 4.5], over: TO + 6 }],
  },
  {
    name: 'an outage of one connection, while nothing was ever found on another',
    series: [
      ...exporter({ discovery: 1 }),
      ...bareConnection({ discovery: 0 }, 'other'),
      ...['e1', 'e2', 'e3'].flatMap((id) => environment({ ...outage({}, FROM, TO), statsTimeout: failures }, { id })),
    ],
    minutes: 70,
    pages: [
      { condition: 'api_unreachable', environment: null, starts: [FROM + 2, FROM + 4.5], over: TO + 6 },
      { condition: 'discovery_failing', environment: null, starts: [2, 8] },
    ],
  },
  {
    name: 'a rate limit in which such an exporter is restarted',
    series: restartedWhile({ stats429: failures }, ['e1', 'e2', 'e3']),
    minutes: 70,
    pages: [{ condition: 'rate_limited', environment: null, starts: [FROM + 2, FROM + 4.5], over: TO + 6 }],
  },
  {
    name: 'a revoked key of one environment, and such an exporter is restarted',
    series: restartedWhile({ stats401: failures }, ['e'], during(FROM, TO, [0, 1])),
    minutes: 70,
    pages: [{ condition: 'key_refused', starts: [FROM + 2, FROM + 5], over: TO + 6 }],
  },
  {
    name: 'reads of one environment fail, and such an exporter is restarted',
    series: restartedWhile({ statsTimeout: failures }, ['e']),
    minutes: 70,
    pages: [{ condition: 'not_readable', starts: [FROM + 2, FROM + 6.5], over: TO + 6 }],
  },
  {
    name: 'an exporter with discovery is restarted after an outage of a few minutes, and discovery alone fails from then on',
    series: [...exporter({ discovery: step(30, 1, 0) }), ...unknownBetween(environment(outage({}, 10, 20)), 30, 1e6)],
    minutes: 60,
    pages: [
      { condition: 'not_readable', starts: [12, 16.5], over: 26 },
      { condition: 'discovery_failing', environment: null, starts: [35, 43] },
    ],
  },
  {
    name: 'an API key that is refused every second time',
    series: [
      ...exporter({ rejected: (minute) => (minute >= FROM && minute < TO && minute % 1 === 0 ? 1 : 0) }),
      ...environment({
        stats401: (minute) => Math.max(0, Math.min(minute, TO) - FROM),
        upStats: (minute) => (minute >= FROM && minute < TO && minute % 1 === 0 ? 0 : 1),
        lastStats: (minute) => (Math.floor(minute) + 0.5) * 60 - 30,
      }),
    ],
    minutes: 70,
    tickets: [{ condition: 'api_key_refused', environment: null, over: TO + 7 }],
  },
  {
    name: 'an API key is revoked, and the environment keys read on',
    series: [...exporter({ rejected: step(FROM, 0, 1) }), ...environment(), ...environment({}, { id: 'f' })],
    minutes: 40,
    tickets: [{ condition: 'api_key_refused', environment: null, starts: [FROM + 2, FROM + 8] }],
  },
  {
    name: 'one key is refused at the start, with discovery alone, and another connection is well',
    series: [
      ...exporter({ discovery: 0, rejected: 1 }),
      ...environment({}, { connection: 'other' }),
      ...['anthropic_work_discovery_up', 'anthropic_work_credential_rejected'].map(
        (name): Series => ({
          name,
          labels: { job: 'anthropic-work-exporter', instance: 'a', connection: 'other', credential: 'api_key' },
          line: name.endsWith('up') ? 1 : 0,
        }),
      ),
    ],
    minutes: 40,
    pages: [{ condition: 'discovery_failing', environment: null, starts: [2, 8] }],
  },
  {
    name: 'the exporter starts while the API cannot be read',
    series: alone({ ...outage({}, -10, 30), lastStats: step(30, null, now), lastList: step(30, null, now) }),
    minutes: 40,
    pages: [{ condition: 'not_readable', starts: [0, 6], over: 36 }],
  },
  {
    name: 'the exporter answers and reads nothing any more',
    series: alone({
      lastStats: (minute) => Math.min(minute, FROM) * 60,
      lastList: (minute) => Math.min(minute, FROM) * 60,
    }),
    minutes: 40,
    pages: [{ condition: 'not_readable', starts: [FROM + 2, FROM + 6.5] }],
  },
  {
    name: 'scrapes fail for a minute, every ten minutes, over a quiet queue',
    series: alone({ polling: 0, staleActive: during(0, 1, [0, 0]) }).map((one) => ({
      ...one,
      line: (minute: number) => {
        if (minute % 10 >= 1) return typeof one.line === 'function' ? one.line(minute) : one.line;
        return one.name === 'up' ? 0 : null;
      },
    })),
    minutes: 60,
  },
];
