import { ENVIRONMENT } from './queries.ts';
import { RECORDED } from './recorded.ts';

/** The name of an environment, for the screen of a phone; with its id, where another one has the same name. */
export const NAME =
  '{{ $labels.environment_name }}' +
  `{{ with printf \`count(${RECORDED.environmentInfo}{job=%q,environment_name=%q}) > 1\` $labels.job $labels.environment_name | query }}` +
  ' ({{ $labels.environment_id }}){{ end }}';
/** An environment in full: the name for people, the id for commands. */
export const WHO = '{{ $labels.environment_name }} ({{ $labels.environment_id }})';

export const DURATION_VALUE = '{{ $value | printf `%.0f` | humanizeDuration }}';
export const COUNT_VALUE = '{{ $value | printf `%.0f` }}';
/** The alert's value as a number of things, one or several. */
export function counted(thing: string): string {
  return `${COUNT_VALUE} ${thing}{{ if ne (printf \`%.0f\` $value) \`1\` }}s{{ end }}`;
}
export const PERCENT_VALUE = '{{ $value | printf `%.2g` | humanizePercentage }}';

type Shown = 'count' | 'duration';

const FORMAT: Readonly<Record<Shown, string>> = {
  count: 'printf `%.0f`',
  duration: 'printf `%.0f` | humanizeDuration',
};

/**
 * A number of the alert's environment other than the alert's own value, queried when the alert is rendered.
 * @param series a series with the labels of an environment, without braces
 * @param unknown the text if the number is unknown
 */
export function ofEnvironment(series: string, shown: Shown, unknown = 'an unknown number'): string {
  const query = `${series}{job=%q,environment_id=%q}`;
  return (
    `{{ with printf ${goString(query)} $labels.job $labels.environment_id | query }}` +
    `{{ . | first | value | ${FORMAT[shown]} }}{{ else }}${unknown}{{ end }}`
  );
}

/** How many items wait, and how long the oldest one has. */
export const WAITING = ofEnvironment(RECORDED.waiting, 'count');
export const OLDEST = ofEnvironment(RECORDED.oldestAge, 'duration', 'unknown');

/** The limit that the age of the oldest item is compared with; without a severity, the stricter one. */
export function limit(severity?: string): string {
  const where = severity === undefined ? '' : `,severity='${severity}'`;
  return withEnvironment(
    `min(${RECORDED.ageThreshold}{job=%q,environment_id=%q${where}})`,
    ' (limit {{ . | first | value | printf `%.0f` | humanizeDuration }})',
  );
}

/** `text`, in which `.` is what PromQL finds for the alert's environment; `otherwise` if it finds nothing. */
export function withEnvironment(expr: string, text: string, otherwise = ''): string {
  const places = expr.split('%q').length - 1;
  const labels = Array.from({ length: places / 2 }, () => '$labels.job $labels.environment_id').join(' ');
  const other = otherwise === '' ? '' : `{{ else }}${otherwise}`;
  return `{{ with printf ${goString(expr)} ${labels} | query }}${text}${other}{{ end }}`;
}

const PLACE = '{job=%q,environment_id=%q}';
/** Only while the queue is known: what it did before the API went away is no news. */
const SLOPE = `max(deriv(${RECORDED.waiting}${PLACE}[10m])) and max(${RECORDED.waiting}${PLACE}) > 0`;
/** Nor is what it did earlier, if the last minutes say the opposite. */
const STILL = `max(deriv(${RECORDED.waiting}${PLACE}[10m]) * deriv(${RECORDED.waiting}${PLACE}[3m])) >= 0`;
const EMPTY = withEnvironment(`max(${RECORDED.waiting}${PLACE}) == 0`, ' Nothing waits now.');
const SINCE = withEnvironment(
  `min(anthropic_work_queue_oldest_timestamp_seconds${PLACE})`,
  ' Its oldest item has waited since ' +
    '{{ . | first | value | humanizeTimestamp | reReplaceAll `^[0-9-]+ ([0-9:]{5}).*$` `$1 UTC` }}.',
);
const EMPTY_IN = withEnvironment(
  // Whole minutes, and nobody can tell what will be six hours from now.
  `clamp_min(-max(${RECORDED.waiting}${PLACE}) / 60 / ${SLOPE}, 1) < 360`,
  ' and is empty in about {{ . | first | value | printf `%.0f` }} min',
);
/** Since when work waits, and how the queue moves: shrinking with the time until it is empty, growing, or empty. */
export const QUEUE_STORY =
  SINCE +
  EMPTY +
  withEnvironment(
    `${SLOPE} and ${STILL}`,
    `{{ if lt (. | first | value) 0.0 }} The queue shrinks${EMPTY_IN}.{{ else if gt (. | first | value) 0.0 }} The queue grows.{{ else }} The queue does not shrink.{{ end }}`,
  );

/**
 * The names of the environments for which there is a recorded series with the labels of the alert, at most ten of them.
 * The alert's value is how many there are.
 * @param place labels that the alert and the series share
 * @param more series whose environments come after those
 */
export function namesIn(series: string, place: string, ...more: readonly string[]): string {
  const labels = place.split(', ');
  const all = [series, ...more].map((one) => `${one}{${labels.map((label) => `${label}=%q`)}}`);
  const values = all.flatMap(() => labels.map((label) => `$labels.${label}`));
  return namesOf(all.join(` or on (${ENVIRONMENT}) `), values);
}

/**
 * The same for the environments that a query finds.
 * @param values what stands for each `%q` of the query
 */
export function namesOf(query: string, values: readonly string[]): string {
  const names = `{{ if $index }}, {{ end }}${shortened(15)}`;
  return `${eachOf(query, values, names)}{{ if gt $value 10.0 }} and others{{ end }}`;
}

/** The first three of them, for the screen of a phone: three lines have room for some hundred characters. */
export function firstNamesOf(query: string, values: readonly string[]): string {
  const names = `{{ if lt $index 3 }}{{ if $index }}, {{ else }}: {{ end }}${shortened(9)}{{ end }}`;
  return `${eachOf(query, values, names)}{{ if gt $value 3.0 }}, …{{ end }}`;
}

function eachOf(query: string, values: readonly string[], text: string): string {
  return `{{ range $index, $one := printf ${goString(`topk(10, ${query})`)} ${values.join(' ')} | query | sortByLabel \`environment_name\` }}${text}{{ end }}`;
}

/** Of a long name so many characters at either end: long names tend to begin alike, or to end alike. */
function shortened(ends: number): string {
  return `{{ $one.Labels.environment_name | reReplaceAll \`^(.{${ends}}).{2,}(.{${ends}})$\` \`$1…$2\` }}`;
}

/** Text shown only while the environment cannot be read, or nothing says that it can. */
export function whileBlind(text: string): string {
  const query = "absent(anthropic_work_up{job=%q,environment_id=%q,operation='stats'} == 1)";
  return `{{ with printf ${goString(query)} $labels.job $labels.environment_id | query }}${text}{{ end }}`;
}

/** A raw string, which neither YAML nor PromQL has to escape. */
function goString(text: string): string {
  return `\`${text}\``;
}
