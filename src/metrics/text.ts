import type { Exemplar, Histogram } from '../domain/histogram.ts';
import type { Format } from './format.ts';
import type { MetricDefinition } from './metric.ts';

const UNITS = ['seconds', 'ratio'] as const;

/** `# HELP`, `# TYPE` and, in OpenMetrics, `# UNIT`. Only OpenMetrics names a counter's family without `_total`. */
export function headText(name: string, { type, help }: { type: string; help: string }, format: Format): string {
  if (format === 'prometheus') {
    const escaped = help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
    return `# HELP ${name} ${escaped}\n# TYPE ${name} ${type}\n`;
  }
  const family = type === 'counter' ? name.replace(/_total$/, '') : name;
  // prom-client's own metrics declare none.
  const unit = /^(anthropic_work|probe)_/.test(name) ? UNITS.find((one) => family.endsWith(`_${one}`)) : undefined;
  const unitLine = unit === undefined ? '' : `# UNIT ${family} ${unit}\n`;
  return `# TYPE ${family} ${type}\n${unitLine}# HELP ${family} ${escapeText(help)}\n`;
}

/** `a="1",b="2"`, without braces, so that more can follow. */
export function labelText(names: readonly string[], values: readonly string[]): string {
  let text = '';
  for (let index = 0; index < names.length; index++) {
    text += `${index === 0 ? '' : ','}${names[index]}="${escapeText(values[index]!)}"`;
  }
  return text;
}

/** The line of a number, or the lines of a histogram; `labels` comes from `labelText`. */
export function sampleText(name: string, labels: string, value: number | Histogram, exemplars = false): string {
  if (typeof value !== 'number') return histogramText(name, labels, value, exemplars);
  return labels === '' ? `${name} ${numberText(value)}\n` : `${name}{${labels}} ${numberText(value)}\n`;
}

/** The cumulative buckets, the sum and the count of one histogram. Only OpenMetrics has exemplars. */
function histogramText(name: string, labels: string, value: Histogram, exemplars: boolean): string {
  const lead = labels === '' ? `${name}_bucket{le="` : `${name}_bucket{${labels},le="`;
  let text = '';
  let count = 0;
  for (const [slot, observed] of value.counts.entries()) {
    count += observed;
    const exemplar = exemplars ? (value.exemplars[slot] ?? null) : null;
    const bound = boundText(value.bounds[slot] ?? Number.POSITIVE_INFINITY);
    text += `${lead}${bound}"} ${count}${exemplar === null ? '' : exemplarText(exemplar)}\n`;
  }
  return text + sampleText(`${name}_sum`, labels, value.sum) + sampleText(`${name}_count`, labels, count);
}

function exemplarText({ labels, value, timestampSeconds }: Exemplar): string {
  const text = labelText(Object.keys(labels), Object.values(labels));
  return ` # {${text}} ${numberText(value)} ${numberText(timestampSeconds)}`;
}

/** The shortest text that reads back as the same number. */
export function numberText(value: number): string {
  if (Number.isFinite(value)) return `${value}`;
  if (Number.isNaN(value)) return 'NaN';
  return value > 0 ? '+Inf' : '-Inf';
}

/** `le` as OpenMetrics requires it, in both formats: otherwise a change of format would change every bucket's series. */
export function boundText(bound: number): string {
  return Number.isInteger(bound) && !`${bound}`.includes('e') ? `${bound}.0` : numberText(bound);
}

/** For labels and, in OpenMetrics, help. */
function escapeText(text: string): string {
  if (!/["\\\n]/.test(text)) return text;
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');
}

/** A whole family, or nothing if it has no lines. */
export function familyText(
  name: string,
  definition: Pick<MetricDefinition, 'type' | 'help'>,
  lines: string,
  format: Format,
) {
  return lines === '' ? '' : headText(name, definition, format) + lines;
}
