import { describe, expect, it } from 'vitest';
import { OBSERVED_METRICS, type ObservedMetricName } from '../../src/metrics/catalogue.ts';
import { samplesOf, short } from '../support/expositions.ts';
import { NOW } from '../support/states.ts';
import { CONFIGURATION_CASES } from './presence/configuration-cases.ts';
import { LIFECYCLE_CASES } from './presence/lifecycle-cases.ts';
import { LIST_CASES } from './presence/list-cases.ts';
import { POLL_CASES } from './presence/poll-cases.ts';
import type { Case } from './presence/presence-case.ts';
import { PROGRESS_CASES } from './presence/progress-cases.ts';
import { QUEUE_CASES } from './presence/queue-cases.ts';

const OBSERVED_METRIC_NAMES = OBSERVED_METRICS.map(([name]) => name);

const CASES: Readonly<Record<ObservedMetricName, Case>> = {
  ...CONFIGURATION_CASES,
  ...QUEUE_CASES,
  ...LIST_CASES,
  ...LIFECYCLE_CASES,
  ...POLL_CASES,
  ...PROGRESS_CASES,
};

describe.each(OBSERVED_METRIC_NAMES)('%s', (name) => {
  const { present, absent } = CASES[name];

  it('is there with its values', async () => {
    const samples = await samplesOf(name, [present[0]]);
    expect(samples.map((sample) => short(sample, name))).toEqual(present[1]);
    for (const { labels } of samples) expect(labels).toMatchObject({ environment_id: 'env_1', environment_name: '1' });
  });

  it('is absent when nothing is known, never 0', async () => {
    expect(await samplesOf(name, absent.states, { now: absent.now ?? NOW })).toEqual([]);
  });
});
