/** The name of an environment, for the screen of a phone. */
export const NAME = '{{ $labels.environment_name }}';
/** An environment in full: the name for people, the id for commands. */
export const WHO = '{{ $labels.environment_name }} ({{ $labels.environment_id }})';

export const DURATION_VALUE = '{{ $value | humanizeDuration }}';
export const COUNT_VALUE = '{{ $value | printf `%.0f` }}';
export const PERCENT_VALUE = '{{ $value | printf `%.2g` | humanizePercentage }}';

type Shown = 'count' | 'duration';

const FORMAT: Readonly<Record<Shown, string>> = { count: 'printf `%.0f`', duration: 'humanizeDuration' };

/**
 * A number of the alert's environment other than the alert's own value, queried when the alert is rendered.
 * @param series a series with the labels of an environment, without braces
 * @param unknown the text if the number is unknown
 */
export function ofEnvironment(series: string, shown: Shown, unknown = 'an unknown number', where = ''): string {
  const query = `${series}{job=%q,environment_id=%q${where}}`;
  return (
    `{{ with printf ${goString(query)} $labels.job $labels.environment_id | query }}` +
    `{{ . | first | value | ${FORMAT[shown]} }}{{ else }}${unknown}{{ end }}`
  );
}

/** The names of the environments that an expression over a job returns, at most ten of them. */
export function namesIn(expr: string): string {
  return (
    `{{ range $index, $one := printf ${goString(`topk(10, ${expr})`)} $labels.job | query | sortByLabel \`environment_name\` }}` +
    '{{ if $index }}, {{ end }}{{ $one.Labels.environment_name }}{{ end }}'
  );
}

/** Text shown only while the environment cannot be read. */
export function whileBlind(text: string): string {
  const query = "max(anthropic_work_up{job=%q,environment_id=%q,operation='stats'}) == 0";
  return `{{ with printf ${goString(query)} $labels.job $labels.environment_id | query }}${text}{{ end }}`;
}

/** A raw string, which neither YAML nor PromQL has to escape. */
function goString(text: string): string {
  return `\`${text}\``;
}
