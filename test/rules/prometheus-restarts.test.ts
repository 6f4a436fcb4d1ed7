import { describe, expect, it } from 'vitest';
import { LabelSet } from '../../src/promql/store/label-set.ts';
import { DEFAULT_RULE_OPTIONS } from '../../src/rules/parts/options.ts';
import { ruleGroups } from '../../src/rules/rule-groups.ts';
import { SITUATIONS } from './situations/all-situations.ts';
import { type Gap, valueAt } from './support/lines.ts';
import { RestartingPrometheus } from './support/restarting-prometheus.ts';
import type { ShortName } from './support/rule-case.ts';
import type { Situation } from './support/situation.ts';

const GROUPS = ruleGroups(DEFAULT_RULE_OPTIONS);
const STEP_SECONDS = 5;
/** For how many seconds Prometheus is away, and at which second of its interval each group is evaluated. */
const TIMES = [
  { away: 20, offsets: [10, 15, 0, 50, 75, 270, 145] },
  { away: 40, offsets: [55, 5, 20, 25, 15, 130, 30] },
] as const;
/** Their `for` is two minutes: Alertmanager does not wait longer where Prometheus is away for more than half a minute. */
const SLOW: readonly ShortName[] = ['OldestItemTooOld', 'LeasesLapsing', 'LeasesLapsingAnywhere'];

/** A page that goes on, by what holds it, in a situation whose name begins so; and minutes at which Prometheus stops. */
type Held = readonly [ShortName, situation: string, from: number, to: number];

const HELD: readonly Held[] = [
  ['NoWorkers', 'scraped every 15 s, a fleet that dies between two scrapes', 18, 34],
  ['NoWorkers', 'an outage of the API does not end the page about a dead fleet', 16, 44],
  ['NoWorkers', 'a rate limit in the middle of a page about a dead fleet', 16, 40],
  ['NoWorkers', 'the exporter is away for ten minutes in the middle of a page about a dead fleet', 16, 34],
  ['NoWorkers', 'the API key is revoked in the middle of a page about a dead fleet, and mended before', 17, 50],
  ['NoWorkersAnywhere', 'six environments lose their workers at once: one page', 12, 26],
  ['NoWorkersAnywhere', 'six fleets are dead, and the API cannot be read for a while: the page stays', 12, 40],
  // The page about the six is not new again after a restart, and tells of no seventh.
  ['NoWorkersAnywhere', 'a seventh fleet dies an hour after six', 38, 58],
  ['OldestItemTooOld', 'overload: workers work, and the wait grows without end', 43, 64],
  ['OldestItemTooOld', 'an overload of a small fleet with a lull among what arrives', 44, 66],
  ['OldestItemTooOld', 'a long wait, and the API goes away: the page stays', 44, 74],
  ['LeasesLapsing', 'every run lapses and none finishes', 22, 34],
  ['LeasesLapsingAnywhere', 'the same in six environments, and an hour later in a seventh', 40, 56],
  ['ExporterAbsent', 'the exporter dies', 18, 34],
  ['ExporterShardMissing', 'one of three shards dies', 15, 34],
  ['DiscoveryFailing', 'nothing is watched, and discovery is refused from the start', 10, 34],
  ['ApiAuthFailing', 'the API key is revoked, one environment', 11, 26],
  ['CredentialRejected', 'the API key is revoked, five environments', 11, 26],
  ['CredentialRejected', 'all environments but one are taken out of the configuration in the middle of a ref', 16, 48],
  ['ApiRateLimited', 'a rate limit in the middle of a page about a dead fleet', 26, 40],
  ['ApiUnreachable', 'an outage of the API with five environments', 11, 28],
];

describe.each(HELD)('%s, %s', (alert, begin, from, to) => {
  const situation = Object.values(SITUATIONS)
    .flat()
    .find(({ name }) => name.startsWith(begin))!;

  const times = TIMES.slice(0, SLOW.includes(alert) ? 1 : 2);

  it.each(times)('is sent once, whenever Prometheus is away for $away s', { timeout: 120_000 }, ({ away, offsets }) => {
    const usual = pagesOf(situation, offsets);
    expect([...usual.keys()].some((page) => page.startsWith(`${alert} `))).toBe(true);
    for (let stop = from; stop <= to; stop += 3.25) {
      const told = pagesOf(situation, offsets, [stop, stop + away / 60]);
      expect(told, `away from minute ${stop}`).toEqual(usual);
    }
  });
});

/** How often each page begins for Alertmanager, apart from those of which another page tells. */
function pagesOf({ series, minutes, scrapeMinutes = 0.5 }: Situation, offsets: readonly number[], away?: Gap) {
  const prometheus = new RestartingPrometheus(GROUPS, offsets);
  const scraped = series
    .filter(({ name }) => prometheus.scrapedNames.has(name))
    .map(({ name, labels, line }) => ({ name, line, labels: LabelSet.of(labels) }));
  const scrapeSeconds = scrapeMinutes * 60;
  const until = new Map<string, number>();
  const begins = new Map<string, number>();
  for (let second = 0; second <= minutes * 60; second += STEP_SECONDS) {
    const [minute, at] = [second / 60, second * 1000];
    if (away !== undefined && minute >= away[0] && minute < away[1]) {
      prometheus.restart();
      continue;
    }
    if (second % scrapeSeconds === offsets[0]! % scrapeSeconds)
      prometheus.scraped(
        scraped.flatMap(({ name, labels, line }) => {
          const value = valueAt(line, minute);
          return value === null ? [] : [{ name, labels, value }];
        }),
        at,
      );
    for (const { labels, until: end } of prometheus.evaluate(at)) {
      const { alertname, severity, told_by, environment_id = '', connection = '' } = labels.values;
      if (severity !== 'critical' || told_by !== undefined) continue;
      const page = `${alertname!.slice('AnthropicWork'.length)} ${environment_id}${connection}`;
      if (end > at && (until.get(page) ?? -1) < at) begins.set(page, (begins.get(page) ?? 0) + 1);
      until.set(page, end);
    }
  }
  return begins;
}
