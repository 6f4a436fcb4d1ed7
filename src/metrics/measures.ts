import type { ObservedMetricName } from './catalogue.ts';
import { exactMeasures, type Measures } from './measure.ts';
import { CONFIGURATION_MEASURES } from './measure-configuration.ts';
import { LIFECYCLE_MEASURES } from './measure-lifecycle.ts';
import { LIST_MEASURES } from './measure-list.ts';
import { POLL_MEASURES } from './measure-polls.ts';
import { type AgeMetricName, STATS_MEASURES } from './measure-stats.ts';

/** Metrics whose text depends on the state alone, so that it can be kept until the state changes. */
export type CachedMetricName = Exclude<ObservedMetricName, AgeMetricName>;

/** A measure for every metric of the catalogue: one without does not compile. */
export const MEASURES: Measures<CachedMetricName> = exactMeasures({
  ...CONFIGURATION_MEASURES,
  ...STATS_MEASURES,
  ...LIST_MEASURES,
  ...LIFECYCLE_MEASURES,
  ...POLL_MEASURES,
});
