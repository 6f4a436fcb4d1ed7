import type { MakeAlert } from '../parts/alert.ts';
import type { AlertName } from '../parts/alert-names.ts';
import {
  ageLimit,
  counted,
  ENVIRONMENT_NAME,
  environmentNames,
  firstEnvironmentNames,
  NAME_AND_ID,
  OLDEST_AGE,
  QUEUE_SENTENCES,
  WAITING_COUNT,
  whileNotVisible,
  withEnvironment,
} from '../parts/annotation.ts';
import type { Duration } from '../parts/durations.ts';
import { pageIsFiring, shardMissing } from '../parts/held-pages.ts';
import { and, because, by, ENVIRONMENT, or, type Queries, unless } from '../parts/queries.ts';
import { RECORDED } from '../parts/recorded.ts';
import type { Rule } from '../parts/rule.ts';
import { archived } from '../series/limit-series.ts';
import { returnedFor } from '../series/returned-pages.ts';
import { MANY_ENVIRONMENTS, pagesOfMany, TOLD_BY } from './page-of-many.ts';

const ONE: AlertName = 'AnthropicWorkNoWorkers';
const MANY: AlertName = 'AnthropicWorkNoWorkersAnywhere';
const COME_AND_GO = withEnvironment(
  `max(${RECORDED.pageReturned}{job=%q,environment_id=%q,alertname='${ONE}'})`,
  'Its workers come and go: the page stays until they have been seen for ten minutes. ',
);

/** Pages about missing workers, of one environment and of many. */
export function noWorkersRules(q: Queries, alert: MakeAlert): readonly Rule[] {
  const unserved = q.recorded(RECORDED.unserved);
  const workersLost = q.recorded(RECORDED.workersLost);
  // After an outage many environments are read again one after the other: the first ones would have pages of their own
  // before the page about many sees the rest.
  const notVisible = q.recorded(RECORDED.notVisible);
  const notVisibleLately = `last_over_time(${q.range(notVisible, '2m')})`;
  const readAgain = `(${unless(notVisibleLately, notVisible)}\nand on (job) (${by('count', 'job', notVisibleLately)} >= ${MANY_ENVIRONMENTS}))`;
  // The same where so many environments look as if they had no workers, and it is not certain yet of some of them.
  const withoutWorkers = q.recorded(RECORDED.withoutWorkers);
  const manyMayBeWithout = `${by('count', 'job', or(withoutWorkers, unserved))} >= ${MANY_ENVIRONMENTS}\nand on (job) (${unless(withoutWorkers, workersLost)})`;
  const suspected = `(${unless(unserved, `${unserved} offset ${q.duration('2m')}`)}\nand on (job) (${manyMayBeWithout}))`;
  const pages = pagesOfMany(q, {
    one: ONE,
    many: MANY,
    due: unserved,
    // Also those that have not waited long enough for their own page, and those where nothing waits yet.
    affected: workersLost,
    held: q.recorded(RECORDED.noWorkersHeld),
    waiting: [readAgain, suspected],
  });
  const page = (expr: string, labels?: Readonly<Record<string, string>>) =>
    alert(ONE, 'critical', {
      expr,
      // The waiting time and the two minutes of `polling` have already passed: this only bridges one odd read.
      for: '1m',
      ...(labels === undefined ? {} : { labels }),
      summary: `${ENVIRONMENT_NAME}: no workers, ${WAITING_COUNT} waiting, oldest ${OLDEST_AGE}${ageLimit()}`,
      description: `Nobody takes the work of environment ${NAME_AND_ID}: no worker is known to poll and serve.${QUEUE_SENTENCES} ${COME_AND_GO}${whileNotVisible('It cannot be read now, so this may be over: the page stays until workers are seen. ')}Start the workers of this environment, or undo the change that stopped them.`,
    });
  // Environments that cannot be read, or were served a moment ago, are named as long as the page counts them.
  const lately = `last_over_time(${RECORDED.noWorkersHeld}{job=%q}[${q.duration('1m')}])`;
  const affected = `${RECORDED.workersLost}{job=%q} or on (${ENVIRONMENT}) ${lately}`;
  const affectedValues = ['$labels.job', '$labels.job'];
  return [
    { record: RECORDED.noWorkersHeld, expr: heldPages(q) },
    alert(MANY, 'critical', {
      expr: pages.many,
      // Before the pages of the environments.
      for: '30s',
      summary: `${counted('environment')} without workers${firstEnvironmentNames(affected, affectedValues)}`,
      description: `Nobody takes the work of ${counted('environment')}, and they stopped together: ${environmentNames(affected, affectedValues)}. Look for what they share: a release of the workers, a cluster, a network, a key.`,
    }),
    page(pages.muted, { [TOLD_BY]: MANY }),
    page(pages.own),
  ];
}

/**
 * A page ends when workers were seen without interruption, not when a crash loop shows one for a moment, nor because
 * the environment cannot be read: while no exporter is up, its shard is missing, or discovery lost it for some minutes.
 */
function heldPages(q: Queries): string {
  const paged = pageIsFiring(q, ONE);
  // A worker that lived for 25 s leaves signs of life for three minutes: a heartbeat is stale after two, and both the
  // list and the rules see it half a minute later.
  const notServed = (window: Duration) => `last_over_time(${q.range(q.recorded(RECORDED.notServed), window)})`;
  // The signs of the last death may be up to three minutes younger than the death, so seven minutes of service must
  // follow.
  const comesAndGoes = and(notServed('10m'), returnedFor(q, [ONE], ENVIRONMENT));
  // Not the recorded series: an exporter that comes back knows its environments at once.
  const known = q.over('last', 'anthropic_work_environment_info', '5m');
  const gone = `(${unless(paged, known)}\nand on (job) (${q.uncatalogued('up')} == 1)\nunless on (job) ${shardMissing(q)})`;
  return unless(
    and(
      paged,
      `(${or(
        because('Workers have not been seen without a break since.', notServed('210s')),
        because('The page has returned, so they must have been seen for longer.', comesAndGoes),
      )})`,
    ),
    q.recorded(RECORDED.ageThresholdOff),
    archived(q),
    gone,
    q.recorded(RECORDED.environmentDeleted),
  );
}
