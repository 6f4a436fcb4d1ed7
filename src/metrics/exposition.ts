import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock, EpochMs } from '../base/clock.ts';
import type { DiagnosisReport } from '../diagnosis/report.ts';
import type { EnvironmentState, StateStore } from '../state/environment-state.ts';
import { areSessionsKnown } from '../state/sessions.ts';
import { isWithinStaleAfter } from '../state/staleness.ts';
import { OBSERVED_METRICS } from './catalogue.ts';
import { writeConditions } from './condition-metrics.ts';
import { contentType, type Format, negotiate } from './format.ts';
import { ENVIRONMENT_LABELS, type EnvironmentMetric, type Look } from './metric.ts';
import { PROBE_METRICS } from './process-metrics.ts';
import type { SelfMetrics } from './self-metrics.ts';
import { labelText, Pieces, sampleText } from './text.ts';

export interface ExpositionDeps {
  readonly states: StateStore;
  /** What is wrong now; null when nothing can be said. Without it, there are no series of conditions. */
  readonly conditions?: () => DiagnosisReport | null;
  readonly self: Pick<SelfMetrics, 'write'>;
  readonly clock: Pick<Clock, 'now'>;
  /** API clock − own clock of a connection, ms; 0 when unknown. */
  readonly skewMs: (connection: string) => number;
  /** Until when a connection is paused after a 429, on the own clock; null when it is not. */
  readonly pausedUntil: (connection: string) => EpochMs | null;
}

/** The answer to a scrape: numbers from memory, never from the network. One code path for both formats. */
export class Exposition {
  readonly #deps: ExpositionDeps;
  readonly negotiate = negotiate;
  readonly contentType = contentType;

  constructor(deps: ExpositionDeps) {
    this.#deps = deps;
  }

  /** The whole exposition, in order, in pieces of any size. */
  async render(format: Format): Promise<Buffer[]> {
    const { states, self, clock, conditions = () => null } = this.#deps;
    const now = clock.now();
    const looks = this.#looks(states.all(), now);
    const pieces = new Pieces();
    for (const [name, metric] of OBSERVED_METRICS) {
      // Health checks and reads get their turn in between.
      await nextTurn();
      pieces.addFamily(name, metric, linesOf(name, metric, looks, format), format);
    }
    const report = conditions();
    if (report !== null) writeConditions(pieces, report, format);
    pieces.add((await self.write(format, now)) + endText(format));
    return pieces.end();
  }

  /** What `/probe` answers: the series of one environment and the outcome; null when it is not watched. */
  renderProbe(
    environmentId: string,
    { success, durationSeconds }: { readonly success: boolean; readonly durationSeconds: number },
    format: Format,
  ): Buffer[] | null {
    const { states, clock } = this.#deps;
    const looks = this.#looks(states.all(), clock.now()).filter(({ state }) => state.environment.id === environmentId);
    if (looks.length === 0) return null;
    const outcome = { probe_success: Number(success), probe_duration_seconds: durationSeconds };
    const pieces = new Pieces();
    for (const [name, metric] of OBSERVED_METRICS)
      pieces.addFamily(name, metric, linesOf(name, metric, looks, format), format);
    for (const [name, metric] of Object.entries(PROBE_METRICS))
      pieces.addFamily(name, metric, [sampleText(name, '', outcome[name as keyof typeof outcome])], format);
    pieces.add(endText(format));
    return pieces.end();
  }

  #looks(states: readonly EnvironmentState[], now: EpochMs): readonly Look[] {
    const { skewMs, pausedUntil } = this.#deps;
    // The label keys of all that are watched make the labels of each.
    const labelKeys = [...new Set(states.flatMap(({ environment }) => Object.keys(environment.labels)))].sort();
    return states.map((state) => {
      const { id, name, connection } = state.environment;
      const lead = labelText(Object.keys(ENVIRONMENT_LABELS), [id, name]);
      const times = { apiNow: now + skewMs(connection), pausedUntil: pausedUntil(connection) };
      return { state, fresh: freshnessOf(state, now), ...times, labelKeys, lead };
    });
  }
}

function freshnessOf(state: EnvironmentState, now: EpochMs): Look['fresh'] {
  const list = isWithinStaleAfter(state, 'list', now);
  return { stats: isWithinStaleAfter(state, 'stats', now), list, sessions: list && areSessionsKnown(state, now) };
}

/** One metric of all environments, in their order: the text of each. */
function* linesOf(
  name: string,
  { labels, labelPrefix, measure }: EnvironmentMetric,
  looks: readonly Look[],
  format: Format,
): Iterable<string> {
  const declared = Object.keys(labels);
  for (const look of looks) {
    const measured = measure(look);
    if (measured === null) continue;
    const exemplars = format === 'openmetrics' && look.state.environment.exemplars;
    if (typeof measured === 'number' || 'counts' in measured) {
      yield sampleText(name, look.lead, measured, exemplars);
      continue;
    }
    const names = labelPrefix === undefined ? declared : look.labelKeys.map((key) => labelPrefix + key);
    let lines = '';
    for (const { values, value } of measured) {
      const own = names.length === 0 ? '' : `,${labelText(names, values)}`;
      lines += sampleText(name, look.lead + own, value, exemplars);
    }
    yield lines;
  }
}

/** The last line of an OpenMetrics exposition; nothing in the older format. */
function endText(format: Format): string {
  return format === 'openmetrics' ? '# EOF\n' : '';
}
