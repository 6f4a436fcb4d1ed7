import type { MakeAlert } from '../parts/alert.ts';
import type { AlertName } from '../parts/alert-names.ts';
import {
  COUNT_VALUE,
  counted,
  ENVIRONMENT_NAME,
  environmentNames,
  firstEnvironmentNames,
  NAME_AND_ID,
} from '../parts/annotation.ts';
import { unlessCausePaged } from '../parts/cause-pages.ts';
import { heldWhileUnwatched } from '../parts/held-pages.ts';
import { and, because, by, ENVIRONMENT, on, or, type Queries, unless } from '../parts/queries.ts';
import { RECORDED } from '../parts/recorded.ts';
import type { Rule } from '../parts/rule.ts';
import { lapseSeries, MANY_LAPSES, noneFinishesSeries } from '../series/lapse-series.ts';
import { MANY_ENVIRONMENTS, pagesOfMany, TOLD_BY } from './page-of-many.ts';

const ONE: AlertName = 'AnthropicWorkLeasesLapsing';
const MANY: AlertName = 'AnthropicWorkLeasesLapsingAnywhere';

/**
 * Leases that end without a stop. A session that wakes up between two reads can look the same, so silence is required
 * too.
 */
export function lapseRules(q: Queries, alert: MakeAlert): readonly Rule[] {
  const leasesLapsing = q.recorded(RECORDED.leasesLapsing);
  const acknowledged = by('max', ENVIRONMENT, q.increase('anthropic_work_items_acknowledged_total', '15m'));
  return [
    ...lapseSeries(q),
    alert('AnthropicWorkLeasesLapsing', 'warning', {
      // The last lapse must be recent: what is over is no news.
      expr: unlessCausePaged(
        q,
        and(
          `(${on(`(${leasesLapsing} > ${MANY_LAPSES})`, '>', `0.05 * ${acknowledged}`)})`,
          q.recorded(RECORDED.lapsed5m),
        ),
      ),
      // A fleet that dies loses its leases just before its page is due.
      for: '1m',
      keepFiringFor: '4m',
      summary: `${ENVIRONMENT_NAME}: about ${counted('run')} lost the lease in 15 minutes`,
      description: `Workers of environment ${NAME_AND_ID} die or hang while they serve, and their items start over. If an item never had a heartbeat and lapses again and again, force-stop it and send its session \`user.interrupt\`.`,
    }),
  ];
}

/** Pages about environments that lose nearly all of their runs, of one and of many. */
export function lapsePages(q: Queries, alert: MakeAlert): readonly Rule[] {
  // A page says that its workers are gone: that explains the lapses.
  const pagedAsDead = q.paged(['AnthropicWorkNoWorkers'], '20m');
  const runsLost = q.recorded(RECORDED.runsLost);
  const someRunsLost = q.recorded(RECORDED.someRunsLost);
  // Six or more seem to lose runs, of which some finished runs so recently that it is not certain yet: the page about many
  // may come.
  const mayBeLosing = and(q.recorded(RECORDED.losingRuns), q.recorded(RECORDED.leasesLapsing));
  const manyMayBeLosing = `${by('count', 'job', or(someRunsLost, mayBeLosing))} >= ${MANY_ENVIRONMENTS}\nand on (job) (${unless(mayBeLosing, someRunsLost)})`;
  const suspected = `(${unless(runsLost, `${runsLost} offset ${q.duration('4m')}`)}\nand on (job) (${manyMayBeLosing}))`;
  const pages = pagesOfMany(q, {
    one: ONE,
    many: MANY,
    due: runsLost,
    // Also those that have lost only some runs so far.
    affected: someRunsLost,
    held: runsLost,
    waiting: [suspected],
  });
  const page = (expr: string, labels?: Readonly<Record<string, string>>) =>
    alert(ONE, 'critical', {
      expr,
      for: '2m',
      keepFiringFor: '2m',
      ...(labels === undefined ? {} : { labels }),
      summary: `${ENVIRONMENT_NAME}: runs do not finish{{ if gt $value 1.0 }}, about ${COUNT_VALUE} lost in 15 minutes{{ end }}`,
      description: `Nearly every run of environment ${NAME_AND_ID} loses its lease and starts over: workers die or hang while they serve.{{ if gt $value 1.0 }}{{ else }} Nobody can see now whether runs finish, so this may be over.{{ end }} Undo their last change.`,
    });
  // Environments that are served again are named as long as the page counts them.
  const affected = `last_over_time(${RECORDED.someRunsLost}{job=%q}[${q.duration('4m')}])`;
  const affectedValues = ['$labels.job'];
  return [
    noneFinishesSeries(q),
    { record: RECORDED.runsLost, expr: unless(`(${nearlyAllLost(q)})`, pagedAsDead) },
    {
      record: RECORDED.someRunsLost,
      expr: or(
        runsLost,
        unless(
          and(q.recorded(RECORDED.noneFinishes), q.recorded(RECORDED.lapsed5m)),
          q.recorded(RECORDED.noneAcknowledged),
          pagedAsDead,
        ),
      ),
    },
    alert(MANY, 'critical', {
      expr: pages.many,
      for: '2m',
      summary: `Runs do not finish in ${counted('environment')}${firstEnvironmentNames(affected, affectedValues)}`,
      description: `Nearly every run of ${counted('environment')} loses its lease and starts over, and it began at about the same time: ${environmentNames(affected, affectedValues)}. Look for what they share: a release of the workers, a limit of memory, a cluster, a network. Undo its last change.`,
    }),
    page(pages.muted, { [TOLD_BY]: MANY }),
    page(pages.own),
  ];
}

/** Environments of which nearly every run is lost. */
function nearlyAllLost(q: Queries): string {
  const noneAcknowledged = q.recorded(RECORDED.noneAcknowledged);
  const noneFinishes = q.recorded(RECORDED.noneFinishes);
  return or(
    because(
      'Somebody still takes items, and goes on losing them: a fleet that died in the middle of many runs loses all once.',
      unless(and(`(${noneFinishes} > ${MANY_LAPSES})`, q.recorded(RECORDED.lapsed5m)), noneAcknowledged),
    ),
    because(
      'A single worker loses two or three runs in a quarter of an hour, and may take none for five minutes.',
      unless(
        and(noneFinishes, q.firing(ONE)),
        `(${and(noneAcknowledged, `${noneAcknowledged} offset ${q.duration('3m')}`)})`,
      ),
    ),
    because(
      'Only the list shows whether runs finish again, and only after some minutes.',
      and(
        `(${by('group', ENVIRONMENT, q.firing(ONE))})`,
        `last_over_time(${q.range(q.recorded(RECORDED.readFailed, { operation: 'list' }), '5m')})`,
      ),
    ),
    heldWhileUnwatched(
      q,
      ONE,
      ENVIRONMENT,
      // An exporter that was away for long has counted no lapses yet.
      `(${unless(and(q.recorded(RECORDED.seenUnwatched), `${q.recorded(RECORDED.environmentInfo)} offset ${q.duration('5m')}`), q.recorded(RECORDED.lapsed15m))})`,
    ),
  );
}
