import type { Format } from '../../src/metrics/format.ts';

export interface ParsedSample {
  readonly series: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  readonly exemplar: string | null;
}

export interface ParsedFamily {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly unit: string | null;
  readonly samples: readonly ParsedSample[];
}

const NAME = /[a-zA-Z_:][a-zA-Z0-9_:]*/y;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\n"])*)"/y;
/** Of an exemplar: a NUL ends the text for Prometheus here, and in the labels of a sample it does not. */
const EXEMPLAR_LABEL = /[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n\0]|\\[\\n"])*"/.source;
const VALUE = / (-?\d+(?:\.\d+)?(?:e[+-]?\d+)?|\+Inf|-Inf|NaN)/y;
const EXEMPLAR = new RegExp(
  ` # (\\{(?:${EXEMPLAR_LABEL}(?:,${EXEMPLAR_LABEL})*)?\\} -?[\\d.e+-]+(?: [\\d.e+-]+)?)`,
  'y',
);
const SUFFIXES = { counter: ['_total'], histogram: ['_bucket', '_sum', '_count'] } as Record<string, string[]>;

/**
 * Reads an exposition more strictly than Prometheus does, and throws on everything that the formats forbid: samples
 * outside their family, families apart, series twice, no `# EOF`, buckets that fall, timestamps.
 */
export function parseExposition(text: string, format: Format): readonly ParsedFamily[] {
  const lines = text.split('\n');
  if (lines.pop() !== '') throw new Error('the last line has no line feed');
  if (format === 'openmetrics' && lines.pop() !== '# EOF') throw new Error('no # EOF');
  const families: OpenFamily[] = [];
  const series = new Set<string>();
  for (const line of lines) {
    if (line.startsWith('#')) {
      readHead(line, families, format);
      continue;
    }
    const family = families.at(-1);
    const sample = parseSample(line);
    if (family === undefined || !belongs(sample, family, format)) throw new Error(`outside its family: ${line}`);
    const identity = JSON.stringify([sample.series, Object.entries(sample.labels).sort()]);
    if (series.has(identity)) throw new Error(`series twice: ${line}`);
    series.add(identity);
    if (sample.exemplar !== null && format === 'prometheus') throw new Error(`exemplar in 0.0.4: ${line}`);
    family.samples.push(sample);
  }
  for (const family of families) checkFamily(family);
  return families;
}

interface OpenFamily {
  readonly name: string;
  type: string;
  help: string;
  unit: string | null;
  readonly samples: ParsedSample[];
}

function readHead(line: string, families: OpenFamily[], format: Format): void {
  const [, kind, name, rest] = /^# (HELP|TYPE|UNIT) (\S+) (.*)$/.exec(line) ?? [];
  if (name === undefined || rest === undefined) throw new Error(`a comment that means nothing: ${line}`);
  let family = families.at(-1);
  if (family?.name !== name) {
    if (families.some((known) => known.name === name)) throw new Error(`family ${name} twice`);
    family = { name, type: '', help: '', unit: null, samples: [] };
    families.push(family);
  }
  if (family.samples.length > 0) throw new Error(`${kind} of ${name} after its samples`);
  if (kind === 'HELP') family.help = rest;
  if (kind === 'TYPE') family.type = rest;
  if (kind === 'UNIT') family.unit = rest;
  if (kind === 'UNIT' && (format === 'prometheus' || !name.endsWith(`_${rest}`))) throw new Error(`unit of ${name}`);
}

function belongs({ series }: ParsedSample, { name, type }: ParsedFamily, format: Format): boolean {
  const suffixes = type === 'counter' && format === 'prometheus' ? undefined : SUFFIXES[type];
  if (suffixes === undefined) return series === name && (type !== 'counter' || name.endsWith('_total'));
  return suffixes.some((suffix) => series === name + suffix);
}

function parseSample(line: string): ParsedSample {
  let at = 0;
  const read = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const found = pattern.exec(line);
    if (found !== null) at = pattern.lastIndex;
    return found;
  };
  const series = read(NAME)?.[0];
  if (series === undefined) throw new Error(`no name: ${line}`);
  const labels: Record<string, string> = {};
  if (line[at] === '{') {
    do {
      at++;
      const [, name, value] = read(LABEL) ?? [];
      if (name === undefined || Object.hasOwn(labels, name)) throw new Error(`label: ${line}`);
      labels[name] = value!.replace(/\\(.)/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped));
    } while (line[at] === ',');
    if (line[at++] !== '}') throw new Error(`unclosed labels: ${line}`);
  }
  const value = read(VALUE)?.[1];
  const exemplar = read(EXEMPLAR)?.[1] ?? null;
  if (value === undefined || at !== line.length) throw new Error(`value, or more than a value: ${line}`);
  return { series, labels, value: Number(value.replace('Inf', 'Infinity')), exemplar };
}

function checkFamily({ name, type, help, samples }: ParsedFamily): void {
  if (samples.length === 0 || help === '' || type === '')
    throw new Error(`family without samples, help or type: ${name}`);
  if (type !== 'histogram') return;
  const bySet = Map.groupBy(samples, ({ labels: { le, ...rest } }) => JSON.stringify(rest));
  for (const set of bySet.values()) {
    const buckets = set.filter(({ series }) => series.endsWith('_bucket'));
    const bounds = buckets.map(({ labels }) => Number(labels.le!.replace('Inf', 'Infinity')));
    const counts = buckets.map(({ value }) => value);
    const rises = (numbers: number[]) => numbers.every((number, i) => i === 0 || number >= numbers[i - 1]!);
    const count = set.find(({ series }) => series.endsWith('_count'))?.value;
    const canonical = buckets.every(({ labels }) => /^(\d+\.\d+|\+Inf|\d.*e.*)$/.test(labels.le!));
    const whole = bounds.at(-1) === Number.POSITIVE_INFINITY && counts.at(-1) === count;
    if (!rises(bounds) || !rises(counts) || !canonical || !whole) throw new Error(`buckets of ${name}`);
  }
}
