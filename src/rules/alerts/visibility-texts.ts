import { counted, environmentNames, recordedNames, withEnvironment } from '../parts/annotation.ts';
import { CONNECTION, ENVIRONMENT } from '../parts/queries.ts';
import { RECORDED } from '../parts/recorded.ts';
import { NO_SUCH_QUEUE, REFUSED_REASONS } from '../series/failure-series.ts';

// An exporter that was restarted in an outage may not know its environments, and one that is gone shows none.
export const NOT_VISIBLE_COUNT = `{{ if $value }}${counted('environment')}{{ else }}all environments{{ end }} of connection {{ $labels.connection }} unseen`;
const NOBODY_KNOWS =
  'No environment of connection {{ $labels.connection }} can be read, and nothing tells their names: the exporter is gone, or was restarted and cannot learn them.';
const THESE = '{{ if ne (printf `%.0f` $value) `1` }}These environments{{ else }}This environment{{ end }}';
const sentenceNaming = (names: string) =>
  `{{ if $value }}${THESE} of connection {{ $labels.connection }} cannot be read: ${names}.{{ else }}${NOBODY_KNOWS}{{ end }}`;
export const WHICH_NOT_VISIBLE = sentenceNaming(recordedNames(RECORDED.notVisible, CONNECTION, RECORDED.readsFlapping));
const CONNECTION_VALUES = ['$labels.job', '$labels.connection'];
const OF_CONNECTION = '{job=%q,connection=%q}';
const FAILING_NOW = `${RECORDED.readsFailing}{job=%q,operation='stats'`;
const REFUSED_NOW = `${FAILING_NOW},reason=~'${REFUSED_REASONS.join('|')}'}`;
/** Beside a page about keys, only those whose key is not refused. */
export const WHICH_UNREADABLE = sentenceNaming(
  environmentNames(
    `${RECORDED.notVisible}${OF_CONNECTION} unless on (${CONNECTION}) ${RECORDED.environmentsRefused}${OF_CONNECTION} or ${RECORDED.notVisible}${OF_CONNECTION} unless on (${ENVIRONMENT}) ${REFUSED_NOW} or on (${ENVIRONMENT}) ${RECORDED.readsFlapping}${OF_CONNECTION} or on (${CONNECTION}) ${RECORDED.notVisible}${OF_CONNECTION}`,
    [
      ...CONNECTION_VALUES,
      ...CONNECTION_VALUES,
      ...CONNECTION_VALUES,
      '$labels.job',
      ...CONNECTION_VALUES,
      ...CONNECTION_VALUES,
    ],
  ),
);
/** Those whose key is refused, or, where none is at the moment, those that are read now and then. */
export const WHICH_REFUSED = sentenceNaming(
  environmentNames(
    `${RECORDED.notVisible}${OF_CONNECTION} and on (${ENVIRONMENT}) ${REFUSED_NOW} or on (${CONNECTION}) ${RECORDED.readsFlapping}${OF_CONNECTION} or on (${CONNECTION}) ${RECORDED.notVisible}${OF_CONNECTION}`,
    [...CONNECTION_VALUES, '$labels.job', ...CONNECTION_VALUES, ...CONNECTION_VALUES],
  ),
);
export const MORE_NOT_REFUSED = `{{ with printf \`count(${RECORDED.notVisible}${OF_CONNECTION} unless on (${ENVIRONMENT}) ${REFUSED_NOW}) and on () ${RECORDED.environmentsRefused}${OF_CONNECTION}\` $labels.job $labels.connection $labels.job $labels.job $labels.connection | query }} {{ . | first | value | printf \`%.0f\` }} more cannot be read for another reason.{{ end }}`;
const NO_SUCH_QUEUE_NOW = `${FAILING_NOW},reason=~'${NO_SUCH_QUEUE.join('|')}'}`;
const NOT_VISIBLE_HERE = `${RECORDED.notVisible}${OF_CONNECTION}`;
/** The reason of most failed reads of an environment, in the word that its runbook has for it. */
export const MAIN_REASON = mainReason(
  (series) => `${series}{job=%q,operation='stats',environment_id=%q}`,
  ['$labels.job', '$labels.environment_id'],
);
/** The same for a connection. */
const MAIN_REASON_OF_CONNECTION = mainReason(
  (series) => `(${series}{job=%q,operation='stats'} and on (${ENVIRONMENT}) ${NOT_VISIBLE_HERE})`,
  ['$labels.job', '$labels.job', '$labels.connection'],
);
/** Why none can be read: the API knows none of them, or nobody can tell. */
export const WHY_NOT_VISIBLE = `{{ with printf \`count(${NOT_VISIBLE_HERE} and on (${ENVIRONMENT}) ${NO_SUCH_QUEUE_NOW}) == count(${NOT_VISIBLE_HERE})\` $labels.job $labels.connection $labels.job $labels.job $labels.connection | query }}The API answers that it knows none of them: \`base_url\`, the ids or the workspace of the key are wrong, or all of them were deleted. Correct the configuration, or take them out of it.{{ else }}It is the API or the network between it and the exporter, not the workers; their queue alerts stay as they were.${MAIN_REASON_OF_CONNECTION} Look at the failures in the exporter's log, and ask the API yourself.{{ end }}`;
export const OTHER_REASONS_TOO = `{{ with printf \`count(${NOT_VISIBLE_HERE} and on (${ENVIRONMENT}) ${FAILING_NOW},reason!='rate_limited'})\` $labels.job $labels.connection $labels.job | query }} Reads fail for other reasons, too: look at the failures in the exporter's log.{{ end }}`;
/** How long one environment has not been read; one that was read a moment ago is read now and then. */
export const UNREAD_FOR = withEnvironment(
  `min(${RECORDED.statsAge}{job=%q,environment_id=%q})`,
  '{{ if gt (. | first | value) 60.0 }}for {{ . | first | value | printf `%.0f` | humanizeDuration }}{{ else }}again and again{{ end }}',
  'for at least five poll intervals',
);

/**
 * A reason that no page of its own names, as a refused key or a rate limit have theirs, if more than half of all failures
 * are of it.
 *
 * @param of the failures that a recorded series counts, in a format for `values`
 */
function mainReason(of: (series: string) => string, values: readonly string[]): string {
  const [others, named] = [of(RECORDED.otherFailures), of(RECORDED.namedFailures)];
  const query = `sum by (reason) (${others}) > on () group_left () (sum(${others} or ${named}) / 2)`;
  return `{{ range printf \`${query}\` ${[values, values, values].flat().join(' ')} | query }} Most failures are \`{{ .Labels.reason }}\`.{{ end }}`;
}
