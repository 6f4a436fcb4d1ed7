import { describe, expect, it } from 'vitest';
import { shippedRules } from '../../src/conditions/evaluation/compile-rules.ts';
import type { LabelSet } from '../../src/promql/store/label-set.ts';
import { RECORDED, RECORDED_SERIES, type RecordedSeries } from '../../src/rules/parts/recorded.ts';
import { RECORDED_MEANINGS } from '../../src/rules/parts/recorded-meanings.ts';
import { everySeries, PLAYS, record } from './mutation/play.ts';

/** All cases, and a fifth of the situations: the others would only repeat them. */
const PLAYED = PLAYS.filter(({ part }, index) => part.startsWith('cases') || index % 5 === 0);
const ENVIRONMENT = ['environment_id', 'environment_name'];
const LABELS = [
  'job',
  ...ENVIRONMENT,
  'instance',
  'operation',
  'state',
  'connection',
  'alertname',
  'severity',
  'reason',
];
/** What a part of a name says about the labels of a series. */
const OF_PART: Readonly<Record<string, readonly string[]>> = {
  job: [],
  environment: ENVIRONMENT,
  instance: ['instance'],
  operation: ['operation'],
  state: ['state'],
  connection: ['connection'],
  page: ['alertname'],
};

interface Sample {
  readonly labels: LabelSet;
  readonly value: number;
}

const seen = await samplesOfAll();

async function samplesOfAll(): Promise<ReadonlyMap<RecordedSeries, readonly Sample[]>> {
  const rules = await shippedRules();
  const samples = new Map<RecordedSeries, Sample[]>(RECORDED_SERIES.map((series) => [series, []]));
  for (const play of PLAYED) {
    const { store } = await record(play, rules);
    for (const series of RECORDED_SERIES)
      for (const one of store.select(everySeries(RECORDED[series])))
        for (const minute of play.minutes) {
          const value = one.valueAt(minute * 60_000);
          if (value !== null && !Number.isNaN(value)) samples.get(series)!.push({ labels: one.labels, value });
        }
  }
  return samples;
}

describe('what is said of a recorded series', () => {
  const met = RECORDED_SERIES.filter((series) => seen.get(series)!.length > 0);

  it('is compared with samples of most of them', () => {
    expect(met.length / RECORDED_SERIES.length).toBeGreaterThan(0.9);
  });

  const constant = met.flatMap((series) => {
    const [, value] = /Always (\d)\.$/.exec(RECORDED_MEANINGS[series]) ?? [];
    return value === undefined ? [] : { series, value: Number(value) };
  });

  it.each(constant)('is true of the value of $series', ({ series, value }) => {
    expect(new Set(seen.get(series)!.map((sample) => sample.value))).toEqual(new Set([value]));
  });

  it.each(met)('names the labels of %s', (series) => {
    const [level] = RECORDED[series].split(':');
    const named = level!.split('_').flatMap((part) => OF_PART[part] ?? [`no label is known for ${part}`]);
    const meaning = RECORDED_MEANINGS[series];
    const extra = LABELS.filter((label) => new RegExp(`by (\\w+ and )?${label}\\b`).test(meaning));
    const free = level === 'page' ? [...ENVIRONMENT, 'connection'] : ['connection', 'alertname'];
    for (const { labels } of seen.get(series)!) {
      const own = LABELS.filter((label) => labels.get(label) !== '');
      expect(own.filter((label) => !free.includes(label) || named.includes(label)).toSorted()).toEqual(
        [...new Set(['job', ...named, ...extra])].toSorted(),
      );
    }
  });
});

describe('the meaning of a recorded series', () => {
  it.each(RECORDED_SERIES)('of %s is one line of whole sentences', (series) => {
    expect(RECORDED_MEANINGS[series]).toMatch(/^[A-Z1].{20,140}\.$/);
  });
});
