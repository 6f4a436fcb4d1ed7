import { Histogram, type MetricObject, Summary } from 'prom-client';
import { errorText } from '../../base/errors.ts';
import { CATALOGUE, type MetricName } from '../catalogue/catalogue.ts';
import type { Format } from '../exposition/format.ts';
import { encodeBound, encodeHead, encodeLabels, encodeSample, type FamilyHead } from '../exposition/text-encoder.ts';
import type { SelfRegistry } from './self-registry.ts';

/** Reports a metric that could not be read at one scrape. */
export type CollectFailed = (failure: { readonly metric: string; readonly error: string }) => void;

/** What prom-client returns for one metric; its types omit what histograms and summaries add. */
interface CollectedMetric {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly values: readonly {
    readonly value: number;
    readonly metricName?: string;
    readonly labels: Readonly<Record<string, string | number>>;
  }[];
}

export interface RegistryTextOptions {
  readonly format: Format;
  readonly onFailure: CollectFailed;
  /** The samples to write; all of them if it is absent. */
  readonly names?: ReadonlySet<string> | undefined;
}

/** A histogram has no sample of its own name, and a summary has more. */
const PART_SUFFIXES = ['_bucket', '_sum', '_count'] as const;

/**
 * The text of prom-client's registry, through the same encoder as everything else. Metrics are read one by one: one
 * whose collector throws is omitted from this scrape and reported; the others are unaffected.
 */
export async function writeRegistry(
  { registry, kept }: Pick<SelfRegistry, 'registry' | 'kept'>,
  { format, onFailure, names }: RegistryTextOptions,
): Promise<Buffer[]> {
  const blocks: Buffer[] = [];
  for (const metric of registry.getMetricsAsArray() as readonly (MetricObject & { get?(): Promise<unknown> })[]) {
    if (names !== undefined && !isAsked(metric, names)) continue;
    const known = kept.get(metric.name);
    if (known !== undefined) {
      blocks.push(known.write(format));
      continue;
    }
    try {
      const text = writeMetric((await metric.get!()) as CollectedMetric, format);
      if (text !== '') blocks.push(Buffer.from(text));
    } catch (error) {
      onFailure({ metric: metric.name, error: errorText(error) });
    }
  }
  return blocks;
}

function isAsked(metric: MetricObject, names: ReadonlySet<string>): boolean {
  if (names.has(metric.name)) return true;
  const hasParts = metric instanceof Histogram || metric instanceof Summary;
  return hasParts && PART_SUFFIXES.some((end) => names.has(metric.name + end));
}

function writeMetric({ name, help, type, values }: CollectedMetric, format: Format): string {
  if (values.length === 0) return '';
  const definition = Object.hasOwn(CATALOGUE, name) ? CATALOGUE[name as MetricName] : undefined;
  const unit = definition?.unit;
  const head = { name, help, type: type as FamilyHead['type'], ...(unit === undefined ? {} : { unit }) };
  const lines = values.map(({ metricName, labels, value }) => {
    const order = definition?.labels.filter((label) => label in labels) ?? Object.keys(labels).filter(isNotBound);
    const pairs = order.map((label) => [label, `${labels[label]}`] as const);
    const bound = labels.le === undefined ? [] : [['le', bucketBound(labels.le)] as const];
    return encodeSample(metricName ?? name, encodeLabels([...pairs, ...bound]), value);
  });
  return encodeHead(head, format) + lines.join('');
}

function isNotBound(label: string): boolean {
  return label !== 'le';
}

function bucketBound(le: string | number): string {
  return encodeBound(typeof le === 'number' ? le : Number(le.replace('+Inf', 'Infinity')));
}
