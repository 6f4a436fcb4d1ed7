import { ENVIRONMENT } from './queries.ts';
import { RECORDED } from './recorded.ts';

/** The name of an environment, for the screen of a phone; with its id, where another one has the same name. */
export const ENVIRONMENT_NAME =
  '{{ $labels.environment_name }}' +
  `{{ with printf \`count(${RECORDED.environmentInfo}{job=%q,environment_name=%q}) > 1\` $labels.job $labels.environment_name | query }}` +
  ' ({{ $labels.environment_id }}){{ end }}';
/** An environment in full: the name for people, the id for commands. */
export const NAME_AND_ID = '{{ $labels.environment_name }} ({{ $labels.environment_id }})';

export const DURATION_VALUE = '{{ $value | printf `%.0f` | humanizeDuration }}';
export const COUNT_VALUE = '{{ $value | printf `%.0f` }}';
/** The alert's value as a number of things, one or several. */
export function counted(thing: string): string {
  return `${COUNT_VALUE} ${thing}{{ if ne (printf \`%.0f\` $value) \`1\` }}s{{ end }}`;
}
export const PERCENT_VALUE = '{{ $value | printf `%.2g` | humanizePercentage }}';

type NumberFormat = 'count' | 'duration';

const FORMAT: Readonly<Record<NumberFormat, string>> = {
  count: 'printf `%.0f`',
  duration: 'printf `%.0f` | humanizeDuration',
};

/**
 * A number of the alert's environment other than the alert's own value, queried when the alert is rendered.
 * @param series a series with the labels of an environment, without braces
 * @param unknown the text if the number is unknown
 */
export function environmentNumber(series: string, format: NumberFormat, unknown = 'an unknown number'): string {
  const query = `${series}{job=%q,environment_id=%q}`;
  return (
    `{{ with printf ${goString(query)} $labels.job $labels.environment_id | query }}` +
    `{{ . | first | value | ${FORMAT[format]} }}{{ else }}${unknown}{{ end }}`
  );
}

/** How many items wait in the alert's environment, and how long the oldest one has. */
export const WAITING_COUNT = environmentNumber(RECORDED.waiting, 'count');
export const OLDEST_AGE = environmentNumber(RECORDED.oldestAge, 'duration', 'unknown');

/** In brackets, the limit of the wait of the oldest item by severity; without a severity, the stricter one. */
export function ageLimit(severity?: string): string {
  const where = severity === undefined ? '' : `,severity='${severity}'`;
  return withEnvironment(
    `min(${RECORDED.ageThreshold}{job=%q,environment_id=%q${where}})`,
    ' (limit {{ . | first | value | printf `%.0f` | humanizeDuration }})',
  );
}

/**
 * `text`, in which `.` is what PromQL finds for the alert's environment; `otherwise` if it finds nothing.
 * @param expr PromQL in which each selector has `job=%q,environment_id=%q`, in this order
 */
export function withEnvironment(expr: string, text: string, otherwise = ''): string {
  const selectors = (expr.split('%q').length - 1) / 2;
  const labels = Array.from({ length: selectors }, () => '$labels.job $labels.environment_id').join(' ');
  const other = otherwise === '' ? '' : `{{ else }}${otherwise}`;
  return `{{ with printf ${goString(expr)} ${labels} | query }}${text}${other}{{ end }}`;
}

const OF_ENVIRONMENT = '{job=%q,environment_id=%q}';
/** Items per second by which the queue grows. Only while it is known: what it did before the API went away is no news. */
const SLOPE = `max(deriv(${RECORDED.waiting}${OF_ENVIRONMENT}[10m])) and max(${RECORDED.waiting}${OF_ENVIRONMENT}) > 0`;
/** The slope of ten minutes has the sign of the last three: what the queue did before it turned is no news either. */
const SLOPE_LASTS = `max(deriv(${RECORDED.waiting}${OF_ENVIRONMENT}[10m]) * deriv(${RECORDED.waiting}${OF_ENVIRONMENT}[3m])) >= 0`;
const NOTHING_WAITS = withEnvironment(`max(${RECORDED.waiting}${OF_ENVIRONMENT}) == 0`, ' Nothing waits now.');
const WAITS_SINCE = withEnvironment(
  `min(anthropic_work_queue_oldest_timestamp_seconds${OF_ENVIRONMENT})`,
  ' Its oldest item has waited since ' +
    '{{ . | first | value | humanizeTimestamp | reReplaceAll `^[0-9-]+ ([0-9:]{5}).*$` `$1 UTC` }}.',
);
const EMPTY_IN_MINUTES = withEnvironment(
  // Whole minutes, and nobody can tell what will be six hours from now.
  `clamp_min(-max(${RECORDED.waiting}${OF_ENVIRONMENT}) / 60 / ${SLOPE}, 1) < 360`,
  ' and is empty in about {{ . | first | value | printf `%.0f` }} min',
);
/** Since when work waits, and how the queue moves: shrinking with the time until it is empty, growing, or empty. */
export const QUEUE_SENTENCES =
  WAITS_SINCE +
  NOTHING_WAITS +
  withEnvironment(
    `${SLOPE} and ${SLOPE_LASTS}`,
    `{{ if lt (. | first | value) 0.0 }} The queue shrinks${EMPTY_IN_MINUTES}.{{ else if gt (. | first | value) 0.0 }} The queue grows.{{ else }} The queue does not shrink.{{ end }}`,
  );

/**
 * The names of the environments for which there is a recorded series with the labels of the alert, at most ten of them.
 * The alert's value is how many there are.
 * @param sharedLabels the labels that the alert and the series share, separated by commas
 * @param more series whose environments come after those
 */
export function recordedNames(series: string, sharedLabels: string, ...more: readonly string[]): string {
  const labels = sharedLabels.split(', ');
  const all = [series, ...more].map((one) => `${one}{${labels.map((label) => `${label}=%q`)}}`);
  const values = all.flatMap(() => labels.map((label) => `$labels.${label}`));
  return environmentNames(all.join(` or on (${ENVIRONMENT}) `), values);
}

/**
 * The same for the environments that a PromQL query finds.
 * @param values what stands for each `%q` of the query
 */
export function environmentNames(query: string, values: readonly string[]): string {
  const names = `{{ if $index }}, {{ end }}${shortName(15)}`;
  return `${forEachFound(query, values, names)}{{ if gt $value 10.0 }} and others{{ end }}`;
}

/** The names of the first three, for the screen of a phone: three lines have room for some hundred characters. */
export function firstEnvironmentNames(query: string, values: readonly string[]): string {
  const names = `{{ if lt $index 3 }}{{ if $index }}, {{ else }}: {{ end }}${shortName(9)}{{ end }}`;
  return `${forEachFound(query, values, names)}{{ if gt $value 3.0 }}, …{{ end }}`;
}

/** `text` for each of at most ten environments, sorted by name. In it, `$index` and `$one` are those of the `range`. */
function forEachFound(query: string, values: readonly string[], text: string): string {
  return `{{ range $index, $one := printf ${goString(`topk(10, ${query})`)} ${values.join(' ')} | query | sortByLabel \`environment_name\` }}${text}{{ end }}`;
}

/** The name in a `range`, of a long one so many characters at either end: long names tend to begin or to end alike. */
function shortName(endLength: number): string {
  return `{{ $one.Labels.environment_name | reReplaceAll \`^(.{${endLength}}).{2,}(.{${endLength}})$\` \`$1…$2\` }}`;
}

/** Text shown only while the last read of the environment's stats failed, or nothing says that it succeeded. */
export function whileNotVisible(text: string): string {
  const query = "absent(anthropic_work_up{job=%q,environment_id=%q,operation='stats'} == 1)";
  return `{{ with printf ${goString(query)} $labels.job $labels.environment_id | query }}${text}{{ end }}`;
}

/** A raw string, which neither YAML nor PromQL has to escape. */
function goString(text: string): string {
  return `\`${text}\``;
}
