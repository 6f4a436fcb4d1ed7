import { during, step } from '../support/lines.ts';
import type { EnvironmentLines, Series } from '../support/series.ts';
import { bareConnection, environment, exporter } from '../support/series.ts';
import type { Situation } from '../support/situation.ts';
import { FROM, failing, fleetOf, page, TO } from '../support/unread-fleet.ts';

/** One of a fleet is read every 15 s, the others once a minute: that they are unread is known three minutes later. */
const SLOW_SECONDS = 60;

interface Pace {
  readonly reason: 'stats401' | 'stats403' | 'stats5xx' | 'statsTimeout';
  /** How many there are, and how many of them are read every 15 s. */
  readonly count: number;
  readonly quick: number;
  /** Seconds between two reads of the others. */
  readonly every?: number;
}

/** Their last success was half of their interval before. */
const seldom = (reason: Pace['reason'], every: number, from = FROM): EnvironmentLines => ({
  ...failing(reason),
  upStats: during(from, TO, [1, 0]),
  [reason]: (minute: number) => Math.max(0, Math.min(minute, TO) - from),
  lastStats: (minute) => (minute < from || minute >= TO ? minute : from - every / 120) * 60,
  statsInterval: every,
  statsConfigured: every,
});

const rejected = { rejected: during(FROM, TO, [0, 1]) };

function fleet({ reason, count, quick, every = SLOW_SECONDS }: Pace, more: EnvironmentLines = {}): readonly Series[] {
  const isKey = reason === 'stats401' || reason === 'stats403';
  return fleetOf(
    count,
    (index) => ({ ...(index < quick ? failing(reason) : seldom(reason, every)), ...more }),
    isKey ? rejected : {},
  );
}

const readAfterwards = (minute: number) => (minute < TO ? null : minute * 60);
/** An exporter is started while everything fails, so that none of its environments was ever read. */
const started = (pace: Pace): readonly Series[] =>
  fleet(pace, { watchedSince: FROM * 60, lastStats: readAfterwards, lastList: readAfterwards }).map((one) =>
    one.labels.environment_id === undefined ? one : { ...one, line: step(FROM, null, one.line) },
  );

/** Those that are read once a minute, in good health or as another outage makes them. */
const others = (lines: EnvironmentLines = {}): readonly Series[] =>
  ['b', 'c', 'd'].flatMap((id) =>
    environment({ statsInterval: SLOW_SECONDS, statsConfigured: SLOW_SECONDS, ...lines }, { id, name: id }),
  );

/** What fails, of how many environments, and the page that tells of all of them. */
const ALL_FAIL: readonly (readonly [Pace, 'api_unreachable' | 'api_key_refused'])[] = [
  [{ reason: 'stats401', count: 2, quick: 1 }, 'api_key_refused'],
  [{ reason: 'stats403', count: 6, quick: 1 }, 'api_key_refused'],
  [{ reason: 'stats5xx', count: 2, quick: 1 }, 'api_unreachable'],
  [{ reason: 'stats5xx', count: 6, quick: 1 }, 'api_unreachable'],
  [{ reason: 'statsTimeout', count: 12, quick: 2 }, 'api_unreachable'],
];

/** Later than where all are read every 15 s. */
const pageAbout = (condition: 'api_unreachable' | 'api_key_refused') => ({
  ...page(condition),
  starts: [FROM + 3, FROM + 7.5] as const,
});
const own = { environment: 'a', over: TO + 6 } as const;

/** A connection whose environments are read at different intervals fails: one page tells of all, and no earlier one of the quickest. */
export const UNEQUAL_PACE_SITUATIONS: readonly Situation[] = [
  ...ALL_FAIL.map(([pace, condition]) => ({
    name: `${pace.quick} of ${pace.count} environments are read every 15 s, the others once a minute, and everything fails (${pace.reason}): one page`,
    series: fleet(pace),
    minutes: TO + 10,
    pages: [pageAbout(condition)],
  })),
  ...ALL_FAIL.map(([pace, condition]) => ({
    name: `an exporter is started while everything fails (${pace.reason}), and reads ${pace.quick} of ${pace.count} environments every 15 s, the others once a minute: one page`,
    series: started(pace),
    minutes: TO + 10,
    pages: [pageAbout(condition)],
  })),
  {
    name: 'one of four environments is read every 15 s, and it alone fails: its page does not wait',
    series: [...exporter(), ...environment(failing('stats5xx'), { id: 'a', name: 'a' }), ...others()],
    minutes: TO + 10,
    pages: [{ condition: 'not_readable', starts: [FROM + 2, FROM + 6.5], ...own }],
  },
  {
    name: 'the key of the one that is read every 15 s is refused, and the others fail for another reason: a page each',
    series: [
      ...exporter(rejected),
      ...environment(failing('stats401'), { id: 'a', name: 'a' }),
      ...others(seldom('stats5xx', SLOW_SECONDS)),
    ],
    minutes: TO + 10,
    pages: [{ condition: 'key_refused', starts: [FROM + 2, FROM + 5], ...own }, pageAbout('api_unreachable')],
  },
  {
    name: 'four of eight environments fail, one of which is read every 15 s: one page',
    series: [
      ...exporter(),
      ...environment(failing('stats5xx'), { id: 'a', name: 'a' }),
      ...others(seldom('stats5xx', SLOW_SECONDS)),
      ...['e', 'f', 'g', 'h'].flatMap((id) => environment({}, { id, name: id })),
    ],
    minutes: TO + 10,
    pages: [pageAbout('api_unreachable')],
  },
  {
    name: 'own keys of two environments may not read, and a third of five cannot be read: its page does not wait',
    series: [
      ...exporter(rejected),
      ...environment(failing('stats5xx'), { id: 'a', name: 'a' }),
      ...['b', 'c'].flatMap((id) => environment(failing('stats403'), { id, name: id })),
      ...['d', 'f'].flatMap((id) => environment({}, { id, name: id })),
    ],
    minutes: TO + 10,
    pages: [page('api_key_refused'), { condition: 'not_readable', starts: [FROM + 2, FROM + 6.5], ...own }],
  },
  {
    name: 'the API answers 403 for two of four environments, and a key of another connection alone counts as refused: a page, and a ticket',
    series: [
      ...exporter(),
      ...bareConnection(rejected, 'other'),
      ...['a', 'b'].flatMap((id) => environment(failing('stats403'), { id, name: id })),
      ...['c', 'd'].flatMap((id) => environment({}, { id, name: id })),
    ],
    minutes: TO + 10,
    pages: [page('api_key_refused')],
    tickets: [{ condition: 'api_key_refused', environment: null }],
  },
  {
    name: 'one of four fails, and four minutes later the others, which are read once a minute: its page goes on beside that about them',
    series: [
      ...exporter(),
      ...environment(failing('stats5xx'), { id: 'a', name: 'a' }),
      ...others(seldom('stats5xx', SLOW_SECONDS, FROM + 4)),
    ],
    minutes: TO + 10,
    pages: [
      { condition: 'not_readable', starts: [FROM + 2, FROM + 6.5], ...own },
      { condition: 'api_unreachable', environment: null, starts: [FROM + 7, FROM + 11.5], over: TO + 6 },
    ],
  },
  {
    name: 'everything fails, and all but one environment are read every five minutes: one page, as soon as that one is unread',
    series: fleet({ reason: 'stats5xx', count: 6, quick: 1, every: 300 }),
    minutes: TO + 10,
    pages: [page('api_unreachable')],
  },
  {
    name: 'the key is refused, and all but one environment are read every five minutes: one page, as soon as that one is unread',
    series: fleet({ reason: 'stats401', count: 6, quick: 1, every: 300 }),
    minutes: TO + 10,
    pages: [page('api_key_refused')],
  },
];
