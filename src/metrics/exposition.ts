import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock, EpochMs } from '../base/clock.ts';
import type { DiagnosisReport } from '../diagnosis/report.ts';
import type { EnvironmentState, StateStore } from '../state/environment-state.ts';
import { areSessionsKnown } from '../state/sessions.ts';
import { isWithinStaleAfter } from '../state/staleness.ts';
import { OBSERVED_METRICS } from './catalogue.ts';
import { conditionText } from './condition-metrics.ts';
import { contentType, type Format, negotiate } from './format.ts';
import { ENVIRONMENT_LABELS, type Look } from './metric.ts';
import { PROBE_METRICS } from './process-metrics.ts';
import type { SelfMetrics } from './self-metrics.ts';
import { familyText, headText, labelText, sampleText } from './text.ts';

export interface ExpositionDeps {
  readonly states: StateStore;
  /** What is wrong now; null when nothing can be said. Without it, there are no series of conditions. */
  readonly conditions?: () => DiagnosisReport | null;
  readonly self: Pick<SelfMetrics, 'write'>;
  readonly clock: Pick<Clock, 'now'>;
  /** API clock − own clock of a connection, ms; 0 when unknown. */
  readonly skewMs: (connection: string) => number;
}

/** The outcome of one `/probe`. */
export interface ProbeResult {
  readonly success: boolean;
  readonly durationSeconds: number;
}

/** The answer to a scrape: numbers from memory, never from the network. */
export interface Exposition {
  /** The whole exposition, in order, in pieces of any size. */
  render(format: Format): Promise<Buffer[]>;
  /** What `/probe` answers: the series of one environment and the outcome; null when it is not watched. */
  renderProbe(environmentId: string, result: ProbeResult, format: Format): Buffer[] | null;
  contentType(format: Format): string;
  negotiate(accept: string | undefined): Format;
}

/** So many environments are written without a pause: it takes some milliseconds. */
const SLICE = 32;

const LABEL_NAMES = OBSERVED_METRICS.map(([, { labels }]) => Object.keys(labels));

/** One code path for both formats. */
export function createExposition({ states, conditions = () => null, self, clock, skewMs }: ExpositionDeps): Exposition {
  return { render, renderProbe, contentType, negotiate };

  async function render(format: Format): Promise<Buffer[]> {
    const now = clock.now();
    const own = await self.write(format, now);
    const watched = states.all();
    const write = writerOf(watched, now, format);
    const slices: Buffer[][] = [];
    for (let from = 0; from < watched.length; from += SLICE) {
      // Health checks and reads get their turn in between.
      if (from > 0) await nextTurn();
      slices.push(write(watched.slice(from, from + SLICE)));
    }
    const report = conditions();
    const judged = report === null ? '' : conditionText(report, format);
    return [...familiesOf(slices, format), Buffer.from(judged + own + endText(format))];
  }

  function renderProbe(environmentId: string, result: ProbeResult, format: Format): Buffer[] | null {
    const state = states.get(environmentId);
    if (state === undefined) return null;
    const write = writerOf(states.all(), clock.now(), format);
    return [...familiesOf([write([state])], format), Buffer.from(probeText(result, format) + endText(format))];
  }

  /** Writes the lines of some environments, by metric. The label keys of all that are watched make the labels of each. */
  function writerOf(watched: readonly EnvironmentState[], now: EpochMs, format: Format) {
    const labelKeys = [...new Set(watched.flatMap(({ environment }) => Object.keys(environment.labels)))].sort();
    return (states: readonly EnvironmentState[]): Buffer[] => {
      const looks = states.map((state) => {
        const { id, name, exemplars, connection } = state.environment;
        const look = { state, fresh: freshnessOf(state, now), labelKeys, apiNow: now + skewMs(connection) };
        const lead = labelText(Object.keys(ENVIRONMENT_LABELS), [id, name]);
        return { look, options: { lead, exemplars: exemplars && format === 'openmetrics' } };
      });
      return OBSERVED_METRICS.map((_, metric) =>
        Buffer.from(looks.reduce((text, { look, options }) => text + linesOf(metric, look, options), '')),
      );
    };
  }
}

function freshnessOf(state: EnvironmentState, now: EpochMs): Look['fresh'] {
  const { stats, list } = state.operations;
  const isListFresh = list.attempted && isWithinStaleAfter(state, 'list', now);
  return {
    stats: stats.attempted && isWithinStaleAfter(state, 'stats', now),
    list: isListFresh,
    sessions: isListFresh && areSessionsKnown(state, now),
  };
}

function linesOf(
  metric: number,
  look: Look,
  { lead, exemplars }: { readonly lead: string; readonly exemplars: boolean },
): string {
  const [name, { labelPrefix, measure }] = OBSERVED_METRICS[metric]!;
  const measured = measure(look);
  if (measured === null) return '';
  if (typeof measured === 'number' || 'counts' in measured) return sampleText(name, lead, measured, exemplars);
  const names = labelPrefix === undefined ? LABEL_NAMES[metric]! : look.labelKeys.map((key) => labelPrefix + key);
  let text = '';
  for (const { values, value } of measured) {
    text += sampleText(name, names.length === 0 ? lead : `${lead},${labelText(names, values)}`, value, exemplars);
  }
  return text;
}

/** In the order of the catalogue, each with its environments in their order. */
function familiesOf(slices: readonly Buffer[][], format: Format): Buffer[] {
  return OBSERVED_METRICS.flatMap(([name, metric], at) => {
    const lines = slices.map((texts) => texts[at]!).filter(({ length }) => length > 0);
    return lines.length === 0 ? [] : [Buffer.from(headText(name, metric, format)), ...lines];
  });
}

function probeText({ success, durationSeconds }: ProbeResult, format: Format): string {
  const values = { probe_success: Number(success), probe_duration_seconds: durationSeconds };
  const names = ['probe_success', 'probe_duration_seconds'] as const;
  return names
    .map((name) => familyText(name, PROBE_METRICS[name], sampleText(name, '', values[name]), format))
    .join('');
}

/** The last line of an OpenMetrics exposition; nothing in the older format. */
function endText(format: Format): string {
  return format === 'openmetrics' ? '# EOF\n' : '';
}
