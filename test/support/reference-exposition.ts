import { CATALOGUE, OBSERVED_METRIC_NAMES, type ObservedMetricName } from '../../src/metrics/catalogue/catalogue.ts';
import { encodeMetric, environmentLabels } from '../../src/metrics/exposition/environment-text.ts';
import type { Format } from '../../src/metrics/exposition/format.ts';
import { encodeHead, encodeSample } from '../../src/metrics/exposition/text-encoder.ts';
import { freshness } from '../../src/metrics/measures/freshness.ts';
import type { CachedMetricName } from '../../src/metrics/measures/measures.ts';
import { AGE_METRIC_NAMES, type AgeMetricName, measureAge } from '../../src/metrics/measures/stats-measures.ts';
import type { EnvironmentState } from '../../src/state/environment-state.ts';

interface Options {
  readonly format: Format;
  readonly now: number;
  readonly skewMs: number;
}

/** The series of the fleet the slow way: every metric of every environment, one after the other, with nothing kept. */
export function referenceExposition(states: readonly EnvironmentState[], options: Options): string {
  const labelKeys = [...new Set(states.flatMap(({ environment }) => Object.keys(environment.labels)))].sort();
  const families = OBSERVED_METRIC_NAMES.map((name) => {
    const text = states.map((state) => linesOf(name, state, { ...options, labelKeys })).join('');
    return text === '' ? '' : encodeHead({ name, ...CATALOGUE[name] }, options.format) + text;
  });
  return families.join('') + (options.format === 'openmetrics' ? '# EOF\n' : '');
}

function linesOf(
  name: ObservedMetricName,
  state: EnvironmentState,
  { format, now, skewMs, labelKeys }: Options & { readonly labelKeys: readonly string[] },
): string {
  const fresh = freshness(state, now);
  if (!(AGE_METRIC_NAMES as readonly string[]).includes(name)) {
    return encodeMetric(name as CachedMetricName, state, { context: { fresh, labelKeys }, format });
  }
  return measureAge(name as AgeMetricName, state, { fresh, now, skewMs })
    .map(({ value }) => encodeSample(name, environmentLabels(state), value))
    .join('');
}
