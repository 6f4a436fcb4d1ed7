import { type DataFrameDTO, FieldType } from '@grafana/data';

export interface PromSeries {
  readonly metric: Readonly<Record<string, string>>;
  readonly values?: readonly (readonly [number, string])[];
  readonly value?: readonly [number, string];
}

export interface FrameOptions {
  readonly refId: string;
  readonly expr: string;
  readonly legendFormat?: string;
}

const number = (text: string) => (text === '+Inf' ? Infinity : text === '-Inf' ? -Infinity : Number(text));

/** The name of a series as Grafana's Prometheus data source makes it. */
export function legend(format: string | undefined, labels: Readonly<Record<string, string>>): string {
  if (format && format !== '__auto') return format.replace(/\{\{\s*(.+?)\s*\}\}/g, (_, name) => labels[name] ?? '');
  const { __name__ = '', ...rest } = labels;
  const text = Object.entries(rest).map(([name, value]) => `${name}="${value}"`);
  return text.length > 0 || __name__ === '' ? `${__name__}{${text.join(', ')}}` : __name__;
}

/** One frame a series, with the times that exist; the step tells panels where a gap begins. */
export function rangeFrames(result: readonly PromSeries[], step: number, options: FrameOptions): DataFrameDTO[] {
  return result.map(({ metric, values = [] }) => ({
    refId: options.refId,
    meta: { custom: { resultType: 'matrix' }, executedQueryString: options.expr },
    fields: [
      {
        name: 'Time',
        type: FieldType.time,
        config: { interval: step * 1000 },
        values: values.map(([time]) => time * 1000),
      },
      {
        name: 'Value',
        type: FieldType.number,
        labels: metric,
        config: { displayNameFromDS: legend(options.legendFormat, metric) },
        values: values.map(([, value]) => number(value)),
      },
    ],
  }));
}

export function instantFrames(result: readonly PromSeries[], options: FrameOptions): DataFrameDTO[] {
  return rangeFrames(
    result.map(({ metric, value }) => ({ metric, values: [value!] })),
    1,
    options,
  );
}

/** All series as rows of one frame: labels first, then the value. */
export function tableFrame(result: readonly PromSeries[], valueName: string, options: FrameOptions): DataFrameDTO {
  const labels = [...new Set(result.flatMap(({ metric }) => Object.keys(metric)))].sort();
  const fields = [
    { name: 'Time', type: FieldType.time, config: {}, values: result.map(({ value }) => value![0] * 1000) },
    ...labels.map((name) => ({
      name,
      type: FieldType.string,
      config: { filterable: true },
      values: result.map(({ metric }) => metric[name] ?? ''),
    })),
    { name: valueName, type: FieldType.number, config: {}, values: result.map(({ value }) => number(value![1])) },
  ];
  return {
    refId: options.refId,
    meta: { preferredVisualisationType: 'table', executedQueryString: options.expr },
    fields: result.length === 0 ? [] : fields,
  };
}

/** Cumulative buckets to one field a bucket, as Grafana's `transformToHistogramOverTime` does it. */
export function heatmapFrame(result: readonly PromSeries[], step: number, options: FrameOptions): DataFrameDTO[] {
  if (result.length === 0) return [];
  const bound = ({ metric }: PromSeries) => number(metric.le ?? '+Inf');
  const sorted = [...result].sort((a, b) => bound(a) - bound(b));
  const times = [...new Set(sorted.flatMap(({ values = [] }) => values.map(([time]) => time)))].sort((a, b) => a - b);
  const byTime = sorted.map(({ values = [] }) => new Map(values.map(([time, value]) => [time, number(value)])));
  const own = (index: number, time: number) =>
    Math.max(0, (byTime[index]!.get(time) ?? 0) - (index === 0 ? 0 : (byTime[index - 1]!.get(time) ?? 0)));
  return [
    {
      refId: options.refId,
      meta: { type: 'heatmap-rows' as never },
      fields: [
        {
          name: 'Time',
          type: FieldType.time,
          config: { interval: step * 1000 },
          values: times.map((time) => time * 1000),
        },
        ...sorted.map(({ metric }, index) => ({
          name: metric.le ?? '',
          type: FieldType.number,
          config: {},
          values: times.map((time) => own(index, time)),
        })),
      ],
    },
  ];
}
