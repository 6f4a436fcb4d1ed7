import { expect, it } from 'vitest';
import { OBSERVED_METRIC_NAMES } from '../../../src/metrics/catalogue/catalogue.ts';
import { LIFECYCLE_METRICS } from '../../../src/metrics/catalogue/lifecycle-metrics.ts';
import { HISTOGRAM_SECTIONS, NUMBER_SECTIONS, sectionsOf } from '../../../src/metrics/exposition/sections.ts';
import { AGE_METRIC_NAMES } from '../../../src/metrics/measures/stats-measures.ts';

it('every observed metric whose text is kept stands in one section', () => {
  const names = [...HISTOGRAM_SECTIONS, ...NUMBER_SECTIONS].flatMap((section) => section.names as readonly string[]);
  const kept = OBSERVED_METRIC_NAMES.filter((name) => !(AGE_METRIC_NAMES as readonly string[]).includes(name));
  expect(names.toSorted()).toEqual(kept.toSorted());
});

it.each(['gauge', 'counter', 'histogram'] as const)('a new %s of a group stands beside the others of it', (type) => {
  const added = { ...LIFECYCLE_METRICS.anthropic_work_items_created_total, type };
  const group = {
    metrics: { ...LIFECYCLE_METRICS, anthropic_work_something_new: added },
    dependencies: [],
    separate: { anthropic_work_run_seconds: [] },
  };
  const [common, ...separate] = sectionsOf(group, (_): _ is never => true).map(
    ({ names }) => names as readonly string[],
  );
  expect(common).toContain('anthropic_work_something_new');
  expect(common).not.toContain('anthropic_work_run_seconds');
  expect(separate).toEqual([['anthropic_work_run_seconds']]);
});
