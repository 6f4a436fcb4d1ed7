import {
  type AnnotationEvent,
  type DataFrame,
  type DataQueryRequest,
  type DataQueryResponse,
  type MetricFindValue,
  rangeUtil,
  type ScopedVars,
  type TimeRange,
} from '@grafana/data';
import { RuntimeDataSource, type SceneObject, sceneGraph } from '@grafana/scenes';
import { of } from 'rxjs';
import { heatmapFrame, instantFrames, legend, type PromSeries, rangeFrames, tableFrame } from './frames';
import { log } from './log';

interface PromQuery {
  readonly refId: string;
  readonly expr: string;
  readonly instant?: boolean;
  readonly range?: boolean;
  readonly format?: string;
  readonly interval?: string;
  readonly legendFormat?: string;
  readonly hide?: boolean;
}

interface PromAnnotation {
  readonly name: string;
  readonly expr: string;
  readonly step?: string;
  readonly iconColor: string;
  readonly titleFormat?: string;
  readonly textFormat?: string;
  readonly tagKeys?: string;
  readonly useValueForTime?: boolean;
}

const SCRAPE_SECONDS = 15;

async function ask(path: string, parameters: Record<string, string>, method: 'GET' | 'POST' = 'POST') {
  const query = new URLSearchParams(parameters);
  const response = await fetch(method === 'POST' ? `/prom/api/v1/${path}` : `/prom/api/v1/${path}?${query}`, {
    method,
    ...(method === 'POST' ? { body: query } : {}),
  });
  const answer = await response.json();
  if (answer.status !== 'success') throw new Error(`${answer.errorType}: ${answer.error}: ${parameters.query}`);
  log.queries.push({
    path,
    query: parameters.query ?? parameters['match[]'] ?? '',
    results: answer.data.result?.length,
  });
  return answer.data;
}

/** How the Prometheus data source writes the value of a variable into a query (`interpolateQueryExpr`). */
const escaped = (text: string) =>
  text.replace(/\\/g, String.raw`\\\\`).replace(/[$^*{}[\]'+?.()|]/g, (special) => String.raw`\\${special}`);

function format(value: unknown, variable: { multi?: boolean; includeAll?: boolean } = {}): string {
  if (!variable.multi && !variable.includeAll) return String(value);
  if (!Array.isArray(value)) return escaped(String(value));
  return value.length === 1 ? escaped(String(value[0])) : `(${value.map((one) => escaped(String(one))).join('|')})`;
}

function sceneObjectOf(scopedVars: ScopedVars | undefined): SceneObject | undefined {
  return scopedVars?.__sceneObject?.value?.valueOf() as SceneObject | undefined;
}

function interpolate(text: string, scopedVars: ScopedVars | undefined): string {
  const object = sceneObjectOf(scopedVars);
  return object === undefined ? text : sceneGraph.interpolate(object, text, scopedVars, format as never);
}

function timeVariables(stepSeconds: number, minStepSeconds: number, range: TimeRange): ScopedVars {
  const of = (value: number) => ({ text: `${value}s`, value: `${Math.round(value)}s` });
  return {
    __interval: of(stepSeconds),
    __rate_interval: of(Math.max(stepSeconds + minStepSeconds, 4 * minStepSeconds)),
    __range: of((range.to.valueOf() - range.from.valueOf()) / 1000),
  };
}

/** A Prometheus data source that runs in the page: its HTTP API in, data frames as Grafana's own source makes them out. */
export class PrometheusSource extends RuntimeDataSource {
  override name = 'Prometheus';
  // The class of @grafana/scenes declares less of this than panels read.
  override meta: never = {} as never;

  override async query(request: DataQueryRequest): Promise<DataQueryResponse> {
    const targets = (request.targets as unknown as PromQuery[]).filter(({ expr, hide }) => expr && !hide);
    const data = await Promise.all(targets.map((target) => this.#frames(target, request, targets.length > 1)));
    return { data: data.flat() };
  }

  async #frames(target: PromQuery, request: DataQueryRequest, several: boolean) {
    const from = request.range.from.valueOf() / 1000;
    const to = request.range.to.valueOf() / 1000;
    // As Grafana does: the minimum step of the panel counts for the step, and not for $__rate_interval.
    const minStep = target.interval ? rangeUtil.intervalToSeconds(target.interval) : SCRAPE_SECONDS;
    const ofPanel = rangeUtil.intervalToSeconds(request.interval || '1s') === 0 ? 0 : panelMinimum(request);
    const step = Math.max((request.intervalMs ?? 15_000) / 1000, minStep, ofPanel, (to - from) / 11_000);
    const expr = interpolate(target.expr, { ...request.scopedVars, ...timeVariables(step, minStep, request.range) });
    const options = { refId: target.refId, expr, legendFormat: target.legendFormat };
    if (target.instant && !target.range) {
      const { result } = (await ask('query', { query: expr, time: String(to) })) as { result: PromSeries[] };
      if (target.format !== 'table') return instantFrames(result, options);
      return [tableFrame(result, several ? `Value #${target.refId}` : 'Value', options)];
    }
    const { result } = (await ask('query_range', {
      query: expr,
      start: String(Math.floor(from / step) * step),
      end: String(Math.floor(to / step) * step),
      step: String(step),
    })) as { result: PromSeries[] };
    return target.format === 'heatmap' ? heatmapFrame(result, step, options) : rangeFrames(result, step, options);
  }

  override async metricFindQuery(
    query: string | { query: string },
    options: { scopedVars?: ScopedVars; range: TimeRange },
  ) {
    const raw = typeof query === 'string' ? query : query.query;
    const { range } = options;
    const text = interpolate(raw, { ...options.scopedVars, ...timeVariables(60, 15, range) });
    const start = String(range.from.valueOf() / 1000);
    const end = String(range.to.valueOf() / 1000);
    const values = /^label_values\((.+),\s*(\w+)\)$/s.exec(text);
    if (values !== null) {
      const found: string[] = await ask(`label/${values[2]}/values`, { 'match[]': values[1]!, start, end }, 'GET');
      return found.map((value): MetricFindValue => ({ text: value }));
    }
    const inner = /^query_result\((.+)\)$/s.exec(text)?.[1];
    if (inner === undefined) throw new Error(`a variable query that is not known here: ${text}`);
    const { result } = (await ask('query', { query: inner, time: end })) as { result: PromSeries[] };
    return result.map(({ metric, value }): MetricFindValue => {
      const labels = Object.entries(metric).map(([name, label]) => `${name}="${label}"`);
      return { text: `{${labels.join(',')}} ${value![1]} ${value![0] * 1000}` };
    });
  }

  override annotations = {
    getDefaultQuery: () => ({}),
    prepareAnnotation: (annotation: PromAnnotation) => annotation,
    prepareQuery: ({ expr, step = '60s', titleFormat }: PromAnnotation) => ({
      refId: 'Anno',
      expr,
      interval: step,
      range: true,
      legendFormat: titleFormat,
    }),
    processEvents: (annotation: PromAnnotation, frames: DataFrame[]) =>
      of(frames.flatMap((frame) => eventsOf(annotation, frame))),
  } as never;
}

/** The panel's minimum step, else the scrape interval that the data source is told. */
function panelMinimum(request: DataQueryRequest): number {
  const minimum = (request as { minInterval?: string | null }).minInterval;
  return minimum ? rangeUtil.intervalToSeconds(minimum) : SCRAPE_SECONDS;
}

/** Samples with the value 1 that follow each other are one event; with `useValueForTime` each value is a moment. */
function eventsOf(annotation: PromAnnotation, frame: DataFrame): AnnotationEvent[] {
  const [times, values] = frame.fields;
  const labels = values!.labels ?? {};
  const step = rangeUtil.intervalToSeconds(annotation.step || '60s') * 1000;
  const base = {
    title: legend(annotation.titleFormat, labels),
    text: legend(annotation.textFormat, labels),
    color: annotation.iconColor,
    type: annotation.name,
    source: annotation as never,
  };
  if (annotation.useValueForTime) {
    return [...new Set<number>(values!.values)].map((time) => ({ ...base, time, timeEnd: time, isRegion: false }));
  }
  const events: AnnotationEvent[] = [];
  times!.values.forEach((time: number, index: number) => {
    if (values!.values[index] !== 1) return;
    const last = events.at(-1);
    if (last !== undefined && time - last.timeEnd! <= step) Object.assign(last, { timeEnd: time, isRegion: true });
    else events.push({ ...base, time, timeEnd: time, isRegion: false });
  });
  return events;
}
