import type { Exemplar, Histogram } from '../domain/histogram.ts';
import type { Format } from './format.ts';

export interface Head {
  readonly type: string;
  readonly help: string;
}

/** A whole family with its head, or nothing if it has no lines. */
export function familyText(name: string, head: Head, lines: string, format: Format): string {
  return lines === '' ? '' : headText(name, head, format) + lines;
}

/** What goes before the lines of a family. Only OpenMetrics names a counter's without `_total`. */
export function headText(name: string, { type, help }: Head, format: Format): string {
  if (format === 'openmetrics') {
    const family = type === 'counter' ? name.replace(/_total$/, '') : name;
    const unit = /_(seconds|ratio)$/.exec(family)?.[1];
    const unitLine = unit === undefined ? '' : `# UNIT ${family} ${unit}\n`;
    return `# TYPE ${family} ${type}\n${unitLine}# HELP ${family} ${escapeText(help)}\n`;
  }
  const escaped = help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
  return `# HELP ${name} ${escaped}\n# TYPE ${name} ${type}\n`;
}

const PIECE_LENGTH = 32 * 1024;

/** A long text as it grows: as one string of 20 MB, each collection of garbage would copy all of it. */
export class Pieces {
  readonly #full: Buffer[] = [];
  #text = '';

  add(text: string): void {
    this.#text += text;
    if (this.#text.length >= PIECE_LENGTH) this.#close();
  }

  /** A family, whose head is only there if it has lines. */
  addFamily(name: string, head: Head, lines: Iterable<string>, format: Format): void {
    let isEmpty = true;
    for (const line of lines) {
      if (line === '') continue;
      if (isEmpty) this.add(headText(name, head, format));
      isEmpty = false;
      this.add(line);
    }
  }

  end(): Buffer[] {
    this.#close();
    return this.#full;
  }

  #close(): void {
    this.#full.push(Buffer.from(this.#text));
    this.#text = '';
  }
}

/** `a="1",b="2"`, without braces, so that more can follow. */
export function labelText(names: readonly string[], values: readonly string[]): string {
  let text = '';
  // The innermost loop of a scrape: an iterator would double its time.
  for (let index = 0; index < names.length; index++)
    text += `${index === 0 ? '' : ','}${names[index]}="${escapeText(values[index]!)}"`;
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
  return ` # {${labelText(Object.keys(labels), Object.values(labels))}} ${numberText(value)} ${numberText(timestampSeconds)}`;
}

/** The shortest text that reads back as the same number. */
function numberText(value: number): string {
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
