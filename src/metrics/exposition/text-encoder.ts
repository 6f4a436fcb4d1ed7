import type { Exemplar, Histogram } from '../../domain/histogram.ts';
import type { MetricType } from '../catalogue/metric-definition.ts';
import type { Format } from './format.ts';

/** The lines above the samples of a metric. */
export interface FamilyHead {
  readonly name: string;
  readonly type: MetricType | 'summary';
  readonly help: string;
  readonly unit?: string;
}

export type LabelPairs = readonly (readonly [name: string, value: string])[];

/** `# HELP`, `# TYPE` and, in OpenMetrics, `# UNIT`. Only OpenMetrics names a counter's family without `_total`. */
export function encodeHead({ name, type, help, unit }: FamilyHead, format: Format): string {
  if (format === 'prometheus') {
    const escaped = help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
    return `# HELP ${name} ${escaped}\n# TYPE ${name} ${type}\n`;
  }
  const family = type === 'counter' ? name.replace(/_total$/, '') : name;
  const unitLine = unit !== undefined && family.endsWith(`_${unit}`) ? `# UNIT ${family} ${unit}\n` : '';
  return `# TYPE ${family} ${type}\n${unitLine}# HELP ${family} ${escapeText(help)}\n`;
}

/** `a="1",b="2"`, without braces, so that more can follow. */
export function encodeLabels(pairs: LabelPairs): string {
  return pairs.map(([name, value]) => encodeLabel(name, value)).join(',');
}

export function encodeLabel(name: string, value: string): string {
  return `${name}="${escapeText(value)}"`;
}

/** One line; `labels` comes from `encodeLabels`. */
export function encodeSample(series: string, labels: string, value: number): string {
  return labels === '' ? `${series} ${encodeNumber(value)}\n` : `${series}{${labels}} ${encodeNumber(value)}\n`;
}

/** The cumulative buckets, the sum and the count of one histogram. Only OpenMetrics has exemplars. */
export function encodeHistogram(name: string, labels: string, value: Histogram, exemplars: boolean): string {
  const lead = labels === '' ? `${name}_bucket{le="` : `${name}_bucket{${labels},le="`;
  let text = '';
  let count = 0;
  for (const [slot, observed] of value.counts.entries()) {
    count += observed;
    const exemplar = exemplars ? (value.exemplars[slot] ?? null) : null;
    const bound = encodeBound(value.bounds[slot] ?? Number.POSITIVE_INFINITY);
    text += `${lead}${bound}"} ${count}${exemplar === null ? '' : encodeExemplar(exemplar)}\n`;
  }
  return text + encodeSample(`${name}_sum`, labels, value.sum) + encodeSample(`${name}_count`, labels, count);
}

function encodeExemplar({ labels, value, timestampSeconds }: Exemplar): string {
  const text = encodeLabels(Object.entries(labels));
  return ` # {${text}} ${encodeNumber(value)} ${encodeNumber(timestampSeconds)}`;
}

/** The shortest text that reads back as the same number. */
export function encodeNumber(value: number): string {
  if (Number.isFinite(value)) return `${value}`;
  if (Number.isNaN(value)) return 'NaN';
  return value > 0 ? '+Inf' : '-Inf';
}

/**
 * `le` as OpenMetrics requires it, in both formats: otherwise a change of format would change every bucket's series.
 */
export function encodeBound(bound: number): string {
  return Number.isInteger(bound) && !`${bound}`.includes('e') ? `${bound}.0` : encodeNumber(bound);
}

/** For labels and, in OpenMetrics, help. */
function escapeText(text: string): string {
  if (!/["\\\n]/.test(text)) return text;
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');
}
