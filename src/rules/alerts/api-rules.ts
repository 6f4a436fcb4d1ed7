import type { MakeAlert } from '../parts/alert.ts';
import { counted, DURATION_VALUE, ENVIRONMENT_NAME, NAME_AND_ID, PERCENT_VALUE } from '../parts/annotation.ts';
import { UNREAD_PAGES } from '../parts/cause-pages.ts';
import { by, CONNECTION, ENVIRONMENT, on, PROCESS, type Queries, unless } from '../parts/queries.ts';
import { RECORDED } from '../parts/recorded.ts';
import type { Rule } from '../parts/rule.ts';
import { refusedKeys } from '../series/failure-series.ts';
import { listedWait } from '../series/read-series.ts';

/** The exporter as a client of the API: its pace, its clock, and what it does not understand. */
export function apiRules(q: Queries, alert: MakeAlert): readonly Rule[] {
  const rate = (selector: string) => `rate(${q.range(selector, '10m')})`;
  const limitedReads = `${rate(q.metric('anthropic_work_api_request_failures_total', { reason: 'rate_limited' }))} > 0`;
  // A page tells of what cannot be read, whichever came first.
  const notVisibleLately = `last_over_time(${q.range(q.recorded(RECORDED.notVisible), '15m')})`;
  const rateLimitedHere = by('sum', ENVIRONMENT, unless(limitedReads, notVisibleLately));
  // Each connection has a budget and a page of its own. Where nothing was scraped, the rates remember as long.
  const environmentInfo = q.recorded(RECORDED.environmentInfo);
  const infoLately = `(${environmentInfo} or on (${ENVIRONMENT}) last_over_time(${q.range(environmentInfo, '10m')}))`;
  const rateLimited = by('sum', CONNECTION, `${infoLately} * on (${ENVIRONMENT}) group_left () ${rateLimitedHere}`);
  const sent = by('sum', CONNECTION, rate(q.metric('anthropic_work_api_budget_requests_total')));
  const unknown = by('sum', 'job, kind', q.increase('anthropic_work_api_unknown_values_total', '1h'));
  return [
    alert('AnthropicWorkApiRateLimited', 'warning', {
      expr: `${rateLimited}\n/ on (${CONNECTION}) ${sent}\n> 0.05\nunless on (${CONNECTION}) ${q.paged(['AnthropicWorkApiRateLimited'], '15m')}`,
      for: '5m',
      keepFiringFor: '2m',
      summary: `API rate limit: ${PERCENT_VALUE} of the requests on connection {{ $labels.connection }} answered 429`,
      description:
        'The limit applies to the whole organization, production included. Find out who uses it up, or lower `requests_per_minute`.',
    }),
    alert('AnthropicWorkDiscoveryFailing', 'warning', {
      // Discovery has no other key: CredentialRejected says why it fails, as do pages about what it cannot read. Where
      // nothing is watched, a page says so, because nobody knows what should be.
      expr: `${by('max', CONNECTION, q.over('max', 'anthropic_work_discovery_up', '15m'))} == 0\nunless on (${CONNECTION}) ${q.recorded(RECORDED.undiscovered)}\nunless on (${CONNECTION}) ${refusedKeys(q, { credential: 'api_key' })}\nunless on (${CONNECTION}) ${q.paged([...UNREAD_PAGES, 'AnthropicWorkDiscoveryFailing'], '6m')}`,
      for: '15m',
      summary: 'Discovery on connection {{ $labels.connection }} fails',
      description:
        'New environments are not watched; known ones still are. Look at the failures in the log of the exporter.',
    }),
    alert('AnthropicWorkDiscoveryFailing', 'warning', {
      // A workspace may have no environment yet. One whose environments all disappear has no other alert, since their
      // series disappear as well.
      expr: `(${by('max', CONNECTION, q.last('anthropic_work_discovery_up'))} == 1)\nunless on (${CONNECTION}) ${q.recorded(RECORDED.environmentInfo)}\nand on (${CONNECTION}) last_over_time(${q.range(q.recorded(RECORDED.environmentsRead), '1d')})`,
      for: '15m',
      labels: { reason: 'nothing_found' },
      summary: 'Discovery on connection {{ $labels.connection }} finds nothing to watch any more',
      description:
        'The API answers, but lists no environment of connection {{ $labels.connection }} that is to be watched, so nobody watches what was watched before. Check whether the API key belongs to another workspace, and check `discovery.include` and `discovery.exclude`.',
    }),
    alert('AnthropicWorkClockSkew', 'info', {
      expr: `${by('max', CONNECTION, `abs(${q.last('anthropic_work_api_clock_skew_seconds')})`)} > ${q.seconds(30)}`,
      for: '15m',
      summary: 'Clocks of exporter and API differ by {{ $value | printf `%.0f` | humanizeDuration }}',
      description:
        'Ages on connection {{ $labels.connection }} are corrected for that. Set the clock of the exporter right all the same, best with NTP.',
    }),
    alert('AnthropicWorkApiDrift', 'info', {
      expr: `${unknown} > 0`,
      for: '5m',
      summary: 'The API sends {{ $labels.kind }} values that this version does not know',
      description: 'Nothing is wrong with your workers. Look for a newer version of the exporter.',
    }),
    ...coverageRules(q, alert),
  ];
}

/** What the exporter omits, and why: each is a configuration that does not fit the fleet. */
function coverageRules(q: Queries, alert: MakeAlert): readonly Rule[] {
  const perRead = `${ENVIRONMENT}, operation`;
  const interval = by('max', perRead, q.last('anthropic_work_poll_interval_seconds'));
  const configured = by('max', perRead, q.last('anthropic_work_poll_interval_configured_seconds'));
  const watchedCount = by('max', PROCESS, q.last('anthropic_work_exporter_environments', { status: 'watched' }));
  const info = q.last('anthropic_work_environment_info');
  // Counted with them, since of a process without any there would be no number.
  const time = q.last('anthropic_work_exporter_time_seconds');
  // Each counts once, however many Prometheus servers send it.
  const shownCount = by('count', PROCESS, by('group', `${PROCESS}, environment_id`, `${info} or ${time}`));
  const reduced = (coverage: string, expr: string, summary: string, description: string) =>
    alert('AnthropicWorkCoverageReduced', 'warning', {
      expr,
      for: '15m',
      labels: { coverage },
      summary,
      description,
    });
  return [
    reduced(
      'environments',
      `${by('max', 'job', q.last('anthropic_work_exporter_environments', { status: 'dropped' }))} > 0`,
      `${counted('environment')} not watched`,
      'Discovery found more environments than `discovery.max_environments` or `requests_per_minute` allows; those over the limit have no alerts. Raise the one that is too small, or divide them among several exporters.',
    ),
    reduced(
      'series',
      // A limit of series, or a filter, takes some away and says nothing: a scrape that fails as a whole is another alert.
      `${by('max', 'job', `${watchedCount} + 1 - on (${PROCESS}) ${shownCount}`)} > 0`,
      `${counted('environment')} without series in Prometheus`,
      'Prometheus has no series of some environments that an exporter watches, so they have no alerts. Look for what drops series between the two: `metric_relabel_configs`, a filter, or a limit of series in a collector or in the storage.',
    ),
    reduced(
      'items',
      `${by('max', ENVIRONMENT, q.last('anthropic_work_list_truncated'))} > 0`,
      `${ENVIRONMENT_NAME}: the item list is not read to its end`,
      `Numbers of items of environment ${NAME_AND_ID} are a lower bound. If the list has more pages than \`poll.max_list_pages\`, raise that; otherwise the log of the exporter says why (\`list.truncated\`).`,
    ),
    reduced(
      'intervals',
      by('count', 'job', `\n  ${interval}\n  >= on (${perRead}) (4 * ${configured})\n`),
      `${counted('read')} at a quarter of the pace or less`,
      'The request budget of the exporter is too small for the configured intervals, so alerts are late. Raise `requests_per_minute`, or the intervals.',
    ),
    reduced(
      'ages',
      // Where the list can tell, nothing is missing.
      `${by('max', ENVIRONMENT, q.last('anthropic_work_queue_age_unknown'))} == 1\nunless on (${ENVIRONMENT}) last_over_time(${q.range(q.recorded(RECORDED.listedAge), '5m')})`,
      `${ENVIRONMENT_NAME}: the API does not say since when work waits`,
      `The alerts about waiting in environment ${NAME_AND_ID} have no age to compare. Give the exporter the environment key, so that the item list can tell.`,
    ),
    reduced(
      'waits',
      // Half of the limit lies between them, more than any delay between the two reads: one answer is wrong.
      unless(
        `(${on(`(${listedWait(q)})`, '>', q.recorded(RECORDED.strictAgeThreshold))})`,
        q.recorded(RECORDED.overdue),
      ),
      `${ENVIRONMENT_NAME}: the list shows a long wait that the statistics do not know of`,
      `The item list of environment ${NAME_AND_ID} shows an item that has waited for ${DURATION_VALUE}. Its statistics say that nothing waits for so long, and the alerts about waiting follow the statistics. Look at both answers of the API, and report to the service which of them is wrong.`,
    ),
  ];
}
