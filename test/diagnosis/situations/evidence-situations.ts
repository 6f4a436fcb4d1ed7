import { DEATH, deadStats } from '../support/dead-fleet.ts';
import { during, type Line, step } from '../support/lines.ts';
import { outage } from '../support/outage.ts';
import {
  alone,
  type EnvironmentLines,
  environment,
  exporter,
  exporterKey,
  NO_LIST,
  replicas,
} from '../support/series.ts';
import type { Situation } from '../support/situation.ts';

/** What an API key alone sees of a dead fleet. */
const byStats = (from = DEATH, to?: number): EnvironmentLines => ({
  ...deadStats(from, to),
  ...NO_LIST,
  itemsQueued: null,
  sinceQueued: null,
});
const LIST_SERIES = [
  ...(['itemsQueued', 'itemsStarting', 'itemsActive', 'itemsStopping', 'itemsOther', 'sinceQueued'] as const),
  ...(['staleStarting', 'staleActive', 'staleStopping'] as const),
];
/** The list cannot be read any more: its values are held for a while, then they are gone. */
const listFails = (from: number): EnvironmentLines => ({
  upList: step(from, 1, 0),
  lastList: (minute) => Math.min(minute, from) * 60,
  ...Object.fromEntries(LIST_SERIES.map((key) => [key, step(from + 1.5, key === 'sinceQueued' ? null : 0, null)])),
});
const refused: Line = (minute) => Math.max(0, minute - DEATH) * 2;
const ownKey = exporterKey(DEATH);

/** Five long runs, an empty queue; all workers die. The items fall silent, lapse, and wait from then on. */
const LOST_RUNS: EnvironmentLines = {
  polling: 0,
  itemsActive: step(DEATH + 5, 5, 0),
  staleActive: during(DEATH + 2, DEATH + 5, [0, 5]),
  lapsed: step(DEATH + 5, 0, 5),
  acknowledged: (minute) => Math.floor(Math.min(minute, DEATH) / 3),
  stopped: 0,
  depth: step(DEATH + 5, 0, 5),
  itemsQueued: step(DEATH + 5, 0, 5),
  age: (minute) => Math.max(0, minute - DEATH - 5) * 60,
  head: step(DEATH + 5, null, (DEATH + 5) * 60),
  sinceQueued: step(DEATH + 5, null, (DEATH + 5) * 60),
};

const six = [...'abcdef'];

/** A dead fleet of which less than usual is known, or at other paces and limits. */
export const EVIDENCE_SITUATIONS: readonly Situation[] = [
  {
    name: 'neither a worker count nor a list: the head stands and the queue only grows',
    series: alone({ ...byStats(), polling: null }),
    minutes: 40,
    pages: [{ condition: 'no_workers', starts: [DEATH + 5, DEATH + 13] }],
    tickets: [{ condition: 'oldest_item_too_old' }],
  },
  {
    name: 'neither a worker count nor a list, and workers that take one item in two minutes',
    series: alone({
      ...NO_LIST,
      itemsQueued: null,
      polling: null,
      depth: (minute) => (minute % 4 < 2 ? 3 : 2),
      age: (minute) => 200 + (minute % 2) * 60,
      head: (minute) => Math.floor(minute / 2) * 120 - 200,
    }),
    minutes: 60,
  },
  {
    name: 'without a worker count and a list the page ends when the queue is empty',
    series: alone({ ...byStats(DEATH, 30), polling: null }),
    minutes: 60,
    pages: [{ condition: 'no_workers', starts: [DEATH + 5, DEATH + 13], over: 38 }],
    tickets: [{ condition: 'oldest_item_too_old' }],
  },
  {
    name: 'no worker count, and the list fails as the fleet dies',
    series: alone({ ...deadStats(DEATH), ...listFails(DEATH), polling: null }),
    minutes: 40,
    pages: [{ condition: 'no_workers', starts: [DEATH + 5, DEATH + 13] }],
    tickets: [{ condition: 'coverage_reduced' }, { condition: 'oldest_item_too_old' }],
  },
  {
    name: 'no worker count, and the key that the workers share is revoked',
    series: [
      ...exporter(),
      ...ownKey,
      ...environment({ ...deadStats(DEATH), ...listFails(DEATH), polling: null, list401: refused }),
    ],
    minutes: 40,
    pages: [{ condition: 'key_refused', starts: [DEATH + 2, DEATH + 8] }],
  },
  {
    name: 'a dead fleet, and a replica that is behind and still shows its running items',
    series: replicas(deadStats(DEATH), {
      itemsActive: 3,
      acknowledged: (minute) => minute,
      stopped: (minute) => minute,
      lastStats: (minute) => Math.min(minute, DEATH - 1) * 60,
      lastList: (minute) => Math.min(minute, DEATH - 1) * 60,
    }),
    minutes: 24,
    pages: [{ condition: 'no_workers', starts: [DEATH + 2, 15] }],
  },
  ...([0.25, 1] as const).flatMap((scrapeMinutes): Situation[] => [
    {
      name: `scraped every ${scrapeMinutes * 60} s, a fleet that dies between two scrapes`,
      series: alone(deadStats(DEATH + 0.7)),
      minutes: 40,
      scrapeMinutes,
      pages: [{ condition: 'no_workers', starts: [DEATH + 2.5, DEATH + 5.5] }],
    },
    {
      name: `scraped every ${scrapeMinutes * 60} s, an API key alone`,
      series: alone(byStats(DEATH + 0.3)),
      minutes: 40,
      scrapeMinutes,
      pages: [{ condition: 'no_workers', starts: [DEATH + 5, DEATH + 8] }],
    },
    {
      name: `scraped every ${scrapeMinutes * 60} s, an outage of the API`,
      series: alone(outage({}, DEATH + 0.3, 30)),
      minutes: 40,
      scrapeMinutes,
      pages: [{ condition: 'not_readable', starts: [DEATH + 2, DEATH + 7], over: 36 }],
    },
  ]),
  {
    name: 'an environment in which a minute is long',
    series: alone({ ...deadStats(DEATH), ageWarning: 60, ageCritical: 120, waitTarget: 60 }),
    minutes: 30,
    pages: [{ condition: 'no_workers', starts: [DEATH + 1, DEATH + 4] }],
  },
  {
    name: 'an environment in which half an hour is short, and whose ticket is off',
    series: alone({ ...deadStats(DEATH), ageWarning: Infinity, ageCritical: 1800, waitTarget: 1800 }),
    minutes: 40,
    pages: [{ condition: 'no_workers', starts: [DEATH + 14, DEATH + 17.5] }],
  },
  {
    name: 'six environments that only an API key reads lose their workers, and work arrives in one after the other',
    series: [
      ...exporter(),
      ...six.flatMap((id, index) =>
        environment({ ...byStats(DEATH + index * 0.5), ageWarning: 480, polling: step(DEATH, 2, 0) }, { id, name: id }),
      ),
    ],
    minutes: 30,
    pages: [{ condition: 'fleets_failing', environment: null, starts: [DEATH + 5, DEATH + 10] }],
  },
  {
    name: 'the API goes away before the page about a dead fleet is due: it comes when the API is back',
    series: alone(outage(deadStats(DEATH), DEATH + 1.5, 30)),
    minutes: 50,
    pages: [
      { condition: 'not_readable', starts: [DEATH + 4, DEATH + 8], over: 35 },
      { condition: 'no_workers', starts: [30, 33] },
    ],
  },
  {
    name: 'the fleet comes back while the API cannot be read: the page ends soon after the outage',
    series: alone(outage(deadStats(DEATH, 30), 20, 40)),
    minutes: 60,
    pages: [
      { condition: 'no_workers', starts: [DEATH + 2, DEATH + 4.5], over: 46 },
      { condition: 'not_readable', starts: [22, 26], over: 46 },
    ],
  },
  {
    name: 'a fleet with long runs and an empty queue dies: its runs lapse, once',
    series: alone(LOST_RUNS),
    minutes: 40,
    pages: [{ condition: 'no_workers', starts: [DEATH + 5, DEATH + 10] }],
    tickets: [{ condition: 'heartbeats_stale' }, { condition: 'runs_lost' }],
  },
  {
    name: 'an archived environment with waiting work is deleted at the API',
    series: alone({
      ...outage(deadStats(DEATH), 25, 1e6),
      archived: during(11, 26.5, [null, 660]),
      stats404: (minute) => Math.max(0, minute - 25) * 2,
    }),
    minutes: 40,
    tickets: [{ condition: 'archived_with_work', over: 35 }, { condition: 'no_such_environment' }],
  },
  {
    name: 'Prometheus is away while the fleet dies',
    series: alone(deadStats(DEATH)),
    minutes: 40,
    restart: [DEATH - 2, DEATH + 4],
    pages: [{ condition: 'no_workers', starts: [DEATH + 4, DEATH + 8] }],
  },
];
