import type { Clock } from '../base/clock.ts';
import type { DiagnosisReport } from '../diagnosis/report.ts';
import type { StateStore } from '../state/environment-state.ts';
import { conditionText } from './condition-metrics.ts';
import { environmentText, fleetText } from './environment-text.ts';
import { contentType, type Format, negotiate } from './format.ts';
import { PROBE_METRICS } from './process-metrics.ts';
import type { SelfMetrics } from './self-metrics.ts';
import { familyText, sampleText } from './text.ts';

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

/** One code path for both formats. */
export function createExposition({ states, conditions = () => null, self, clock, skewMs }: ExpositionDeps): Exposition {
  return { render, renderProbe, contentType, negotiate };

  async function render(format: Format): Promise<Buffer[]> {
    const now = clock.now();
    const own = await self.write(format, now);
    const observed = await fleetText({ now, format, skewMs, watched: states.all() });
    const report = conditions();
    const judged = report === null ? '' : conditionText(report, format);
    return [...observed, Buffer.from(judged + own + endText(format))];
  }

  function renderProbe(environmentId: string, result: ProbeResult, format: Format): Buffer[] | null {
    const state = states.get(environmentId);
    if (state === undefined) return null;
    const options = { now: clock.now(), format, skewMs, watched: states.all() };
    const series = environmentText(state, options);
    return [...series, Buffer.from(probeText(result, format) + endText(format))];
  }
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
