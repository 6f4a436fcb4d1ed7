import { RECORDED, RECORDED_SERIES, type RecordedSeries } from './recorded.ts';

/**
 * What each recorded series says, for whoever meets it in an expression: what its value is, and when it exists. One line
 * each, since it stands above its rule in the rule files.
 */
export const RECORDED_MEANINGS: Readonly<Record<RecordedSeries, string>> = {
  environmentInfo: 'Each watched environment, with the connection through which it is read. Always 1.',
  statsAge: 'Seconds since this instance last read the stats. An instance that is gone counts for 15 minutes.',
  listReadAt: "When this instance last read the list: Unix seconds on the API's clock.",
  readFailed: 'A read that failed at every instance when it was last tried. Always 0.',
  clockSkew: "The API's clock minus that of the exporter, in seconds, where they differ by more than one.",
  listedWaiting: 'Items that wait according to the list, where the stats are not read.',
  listedAge: 'Seconds for which the oldest item has waited according to the list, where the stats do not say it.',
  lagging:
    'An instance whose stats are 30 s older than those of another one, so that its numbers are left out. Their age in seconds.',
  waiting: 'Items that wait: those in the queue, and those that are claimed and not acknowledged.',
  oldestAge: 'Seconds for which the oldest item has waited.',
  ageThreshold: 'The wait that is too long, in seconds, by severity. An archived environment has none.',
  strictAgeThreshold: 'The shorter of both limits of the wait, in seconds.',
  polling: 'Workers that poll: the highest number within two minutes.',
  nobodyPolls: 'Nobody has polled for two minutes. Always 0.',
  pausing: 'At some time within the last hour, nobody had polled for two minutes. Always 0.',
  scaledToZero:
    'A fleet that is scaled to zero: nothing waits, nothing runs, nobody polls, and no workers have just died. The time, in Unix seconds.',
  doubtedPolling:
    'Workers that poll, of environments whose workers are in doubt: work is overdue, there seem to be none, or the page about that is firing.',
  doubtedLive: 'Items that live workers serve, of environments whose workers are in doubt.',
  doubtedWaiting: 'Items that wait, of environments whose workers are in doubt.',
  staleHeartbeats: 'Running items whose heartbeat is stale, by state, as one instance sees them, if there are any.',
  workersLive: 'Items that live workers serve: those that run and have no stale heartbeat.',
  longestWait:
    'The longest wait of the last three hours, in seconds, where it is long enough to excuse another one and too short for an outage.',
  ageThresholdOff: 'No wait is too long here: the limits are off, or the environment is archived. Always 1.',
  staleLimit: 'How many stale heartbeats are too many, by severity, where it is not the default.',
  overdue: 'The oldest item has waited for more than half of the shorter limit. Its wait in seconds.',
  unpolled: 'The oldest item is overdue, and nobody is known to poll. Its wait in seconds.',
  ratioToCritical: 'The wait of the oldest item as a fraction of the limit that pages, while it is overdue.',
  late: 'The oldest item has waited for more than the shorter limit. Its wait in seconds.',
  newlyLate:
    'The oldest item is late in an environment whose queue was not known four minutes ago. Its wait in seconds.',
  waitUsual:
    'The oldest item is overdue, and has waited at most two minutes longer than items did in the last three hours.',
  headStands: 'The oldest item has been the same for five minutes. Always 0.',
  takenLate: 'Somebody has just taken an item that was overdue and had been the oldest for five minutes.',
  neverShorter:
    'Items have waited for ten minutes, and the queue has not become shorter once. How many waited ten minutes ago.',
  noneAcknowledged: 'No item was acknowledged within five minutes. Always 0.',
  shrinking:
    'The queue has become shorter by a tenth and two items within five minutes, and its oldest item was taken. How many wait.',
  tooDeep: 'A limit of the depth that the queue exceeds, by severity. The limit in items.',
  ageFalling: 'A wait of more than 15 minutes has been falling for as long. Seconds by which it changes per second.',
  recovering: 'Within five minutes the wait or the queue has become shorter.',
  recoveringSteadily: 'The wait or the queue has been getting shorter for three minutes without a break.',
  draining:
    'A backlog is being worked off: it recovers steadily, the queue is shorter than it was, and its oldest item changes.',
  listFresh: 'Seconds since the list was read to its end, if it was within two minutes.',
  limitedSinceStart:
    'All 429s, by operation and reason, of an environment that an exporter has watched for less than a quarter of an hour.',
  namedFailures: 'Failed reads of the last 15 minutes for reasons that a page names, by operation and reason.',
  otherFailures: 'Failed reads of the last 15 minutes for reasons that no page names, by operation and reason.',
  readsFailing:
    'Reads that failed when last tried, and more than once in 15 minutes, by operation and reason. How often they failed.',
  readsFlapping:
    'Reads of the stats come and go, or a page about them has returned, and they failed or were held back minutes ago. Always 1.',
  undiscovered: 'Discovery fails, and no environment of this connection is known. Always 0.',
  environmentDeleted:
    'The API denies that there is such an environment, by operation and reason, and no list is read. How often it did so.',
  exporterWatches: 'An exporter is up, apart from a lost scrape, and was already up some minutes ago. Always 1.',
  seenUnwatched: 'The environment can be read, although no exporter has been up without a break. Always 1.',
  environmentsRead:
    'How many environments of this connection are to be read: those for which there is a key, refused or not.',
  environmentsRefused:
    'How many environments of this connection cannot be read because keys are refused, if there are several.',
  connectionPaged: 'A page about this connection was firing within the last six minutes, by alert. Always 1.',
  withoutWorkers: 'The environment looks as if it had no workers: nobody polls, and nothing that runs is alive.',
  workersLost:
    'For two minutes there have seemed to be no workers, or work is unserved: the page about many environments counts this one.',
  noWorkersHeld: 'The page about missing workers goes on, because workers have not been seen for long enough since.',
  workersOfMinimum: 'Live workers, polling or serving, of an environment that must have some.',
  healthChecks: 'Items of the last 30 minutes that were acknowledged and are no runs: health checks of the API.',
  shortRuns: 'Runs of the last 30 minutes that ended within 5 s, if there are more than four.',
  heartbeatsHung:
    'All stale heartbeats are so young that a request that hangs explains them. The longest silence in seconds.',
  hungHeartbeatThreshold:
    'The longest silence that a hung heartbeat explains, in seconds, where it is shorter than usual.',
  silentItems: 'Running items whose silence no hung heartbeat explains, by state.',
  heartbeatsOnlyHung:
    'Some heartbeat was stale throughout the last minute, and hung heartbeats explain it. The longest silence in seconds.',
  stuck: 'An active or stopping item is older than the limit of its state. The age of the oldest in seconds.',
  stuckStarting: 'A starting item is older than the limit of its state. The age of the oldest in seconds.',
  lapsed15m: 'Leases that ended without a stop within 15 minutes, if there were two or more.',
  lapsed5m: 'Leases that ended without a stop within five minutes, if there were any.',
  losingRuns: 'Within five minutes more leases ended without a stop than runs finished. How many.',
  leasesLapsing: 'Leases that ended without a stop within 15 minutes, if silence or a second delivery confirms it.',
  noneFinishes: 'Many more leases ended without a stop than runs finished. How many within 15 minutes.',
  runsLost: 'Nearly every run is lost, and no page says that the workers are dead. How many within 15 minutes.',
  someRunsLost: 'Runs are lost, if not yet nearly all: the page about many environments counts this one.',
  pageEnded: 'A page that fired within the last two minutes, and is not pending or firing now. Always 1.',
  pageReturned:
    'A page that fires again within a quarter of an hour after its end. It keeps this mark until it ends for good. Always 1.',
  causePaged: 'A page has named the cause within the last 20 minutes: consequences of it stay silent. Always 1.',
  notServed: 'There are no workers, or the page says so, and nothing shows that the work is taken care of.',
  unservedLong:
    'For ten minutes nobody seems to have worked, although the API does not say who polls, or not how old the queue is.',
  unserved: 'Work waits, and nobody is there to take it: the page about missing workers is due.',
  notVisible: 'The environment has not been read for minutes, although there is a key to try. Always 1.',
  perhapsNotVisible:
    'The last read of the stats failed, and none has succeeded for two minutes: the environment may soon count as not visible. Always 1.',
  exporterScraped: 'Some exporter of this job has just been scraped. Always 1.',
  exporterAbsent: 'No exporter watches: none is up, or none for long enough, or what is scraped does not change.',
  waitOk: '1 while the oldest item has waited no longer than the wait objective says, else 0.',
  waitBad: 'The fraction of the last five minutes in which the wait objective was missed.',
  waitAllowed: 'The fraction of the time in which the wait objective may be missed.',
  waitBadLong:
    'The fraction of the last six hours in which the wait objective was missed, while that is enough for a page.',
};

const BY_NAME: ReadonlyMap<string, string> = new Map(
  RECORDED_SERIES.map((series) => [RECORDED[series], RECORDED_MEANINGS[series]]),
);

/** What the series of this name says. */
export function meaningOf(name: string): string {
  const meaning = BY_NAME.get(name);
  if (meaning === undefined) throw new Error(`no meaning is written down for ${name}`);
  return meaning;
}
