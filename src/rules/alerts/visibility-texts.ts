import { counted, namesIn, namesOf, withEnvironment } from '../parts/annotation.ts';
import { CONNECTION, ENVIRONMENT } from '../parts/queries.ts';
import { RECORDED } from '../parts/recorded.ts';
import { NOTHING_THERE, REFUSED } from '../series/failure-series.ts';

// An exporter that was restarted in an outage may not know its environments, and one that is gone shows none.
export const BLIND = `{{ if $value }}${counted('environment')}{{ else }}all environments{{ end }} of connection {{ $labels.connection }} unseen`;
const NOBODY_KNOWS =
  'No environment of connection {{ $labels.connection }} can be read, and nothing tells their names: the exporter is gone, or was restarted and cannot learn them.';
const THESE = '{{ if ne (printf `%.0f` $value) `1` }}These environments{{ else }}This environment{{ end }}';
const which = (names: string) =>
  `{{ if $value }}${THESE} of connection {{ $labels.connection }} cannot be read: ${names}.{{ else }}${NOBODY_KNOWS}{{ end }}`;
export const WHICH = which(namesIn(RECORDED.notVisible, CONNECTION, RECORDED.readsFlapping));
const PLACE = ['$labels.job', '$labels.connection'];
const HERE = '{job=%q,connection=%q}';
const UNREAD_NOW = `${RECORDED.readsFailing}{job=%q,operation='stats'`;
const REFUSED_NOW = `${UNREAD_NOW},reason=~'${REFUSED.join('|')}'}`;
/** Beside a page about keys, only those whose key is not refused. */
export const WHICH_UNREADABLE = which(
  namesOf(
    `${RECORDED.notVisible}${HERE} unless on (${CONNECTION}) ${RECORDED.environmentsRefused}${HERE} or ${RECORDED.notVisible}${HERE} unless on (${ENVIRONMENT}) ${REFUSED_NOW} or on (${ENVIRONMENT}) ${RECORDED.readsFlapping}${HERE} or on (${CONNECTION}) ${RECORDED.notVisible}${HERE}`,
    [...PLACE, ...PLACE, ...PLACE, '$labels.job', ...PLACE, ...PLACE],
  ),
);
/** Those whose key is refused, or, where none is at the moment, those that are read now and then. */
export const WHICH_REFUSED = which(
  namesOf(
    `${RECORDED.notVisible}${HERE} and on (${ENVIRONMENT}) ${REFUSED_NOW} or on (${CONNECTION}) ${RECORDED.readsFlapping}${HERE} or on (${CONNECTION}) ${RECORDED.notVisible}${HERE}`,
    [...PLACE, '$labels.job', ...PLACE, ...PLACE],
  ),
);
export const OTHERS = `{{ with printf \`count(${RECORDED.notVisible}${HERE} unless on (${ENVIRONMENT}) ${REFUSED_NOW}) and on () ${RECORDED.environmentsRefused}${HERE}\` $labels.job $labels.connection $labels.job $labels.job $labels.connection | query }} {{ . | first | value | printf \`%.0f\` }} more cannot be read for another reason.{{ end }}`;
const UNKNOWN = `${UNREAD_NOW},reason=~'${NOTHING_THERE.join('|')}'}`;
const UNSEEN_HERE = `${RECORDED.notVisible}${HERE}`;
/** The reason of most failed reads of an environment, in the word that its runbook has for it. */
export const MOSTLY = mostly(
  (series) => `${series}{job=%q,operation='stats',environment_id=%q}`,
  ['$labels.job', '$labels.environment_id'],
);
/** The same for a connection. */
const MOSTLY_HERE = mostly(
  (series) => `(${series}{job=%q,operation='stats'} and on (${ENVIRONMENT}) ${UNSEEN_HERE})`,
  ['$labels.job', '$labels.job', '$labels.connection'],
);
/** Why none can be read: the API knows none of them, or nobody can tell. */
export const WHY = `{{ with printf \`count(${UNSEEN_HERE} and on (${ENVIRONMENT}) ${UNKNOWN}) == count(${UNSEEN_HERE})\` $labels.job $labels.connection $labels.job $labels.job $labels.connection | query }}The API answers that it knows none of them: \`base_url\`, the ids or the workspace of the key are wrong, or all of them were deleted. Correct the configuration, or take them out of it.{{ else }}It is the API or the network between it and the exporter, not the workers; their queue alerts stay as they were.${MOSTLY_HERE} Look at the failures in the exporter's log, and ask the API yourself.{{ end }}`;
export const NOT_LIMITED = `{{ with printf \`count(${UNSEEN_HERE} and on (${ENVIRONMENT}) ${UNREAD_NOW},reason!='rate_limited'})\` $labels.job $labels.connection $labels.job | query }} Reads fail for other reasons, too: look at the failures in the exporter's log.{{ end }}`;
/** How long one environment has not been read; one that was read a moment ago is read now and then. */
export const UNSEEN = withEnvironment(
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
function mostly(of: (series: string) => string, values: readonly string[]): string {
  const [others, named] = [of(RECORDED.otherFailures), of(RECORDED.namedFailures)];
  const query = `sum by (reason) (${others}) > on () group_left () (sum(${others} or ${named}) / 2)`;
  return `{{ range printf \`${query}\` ${[values, values, values].flat().join(' ')} | query }} Most failures are \`{{ .Labels.reason }}\`.{{ end }}`;
}
