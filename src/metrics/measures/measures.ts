import type { ObservedMetricName } from '../catalogue/catalogue.ts';
import { CONFIGURATION_MEASURES } from './configuration-measures.ts';
import { LIFECYCLE_MEASURES } from './lifecycle-measures.ts';
import { LIST_MEASURES } from './list-measures.ts';
import { exactMeasures, type Measures } from './measure.ts';
import { POLL_MEASURES } from './poll-measures.ts';
import { PROGRESS_MEASURES } from './progress-measures.ts';
import { type AgeMetricName, STATS_MEASURES } from './stats-measures.ts';

/** Metrics whose text depends on the state alone, so that it can be kept until the state changes. */
export type CachedMetricName = Exclude<ObservedMetricName, AgeMetricName>;

/** A measure for every metric of the catalogue: if one is missing, this does not compile. */
export const MEASURES: Measures<CachedMetricName> = exactMeasures({
  ...CONFIGURATION_MEASURES,
  ...STATS_MEASURES,
  ...LIST_MEASURES,
  ...LIFECYCLE_MEASURES,
  ...PROGRESS_MEASURES,
  ...POLL_MEASURES,
});
