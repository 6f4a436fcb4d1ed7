import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { STATUS } from '../../src/dashboards/expressions/queue-expressions.ts';
import { allExpressions, boardNamed, expressionsOf } from './support/board-parts.ts';
import { BackfilledPrometheus } from './support/incident/backfilled-prometheus.ts';
import { END } from './support/incident/timetable.ts';
import { EVERYTHING, interpolate } from './support/interpolate.ts';

/** An exporter that watches nothing, as on the day before the first environment is made, or with the key of another workspace. */
let prometheus: BackfilledPrometheus;
beforeAll(async () => {
  prometheus = await BackfilledPrometheus.start({ environments: 0, minutes: 20 });
});
afterAll(() => prometheus.stop());

/** Long before the first scrape: no exporter at all. */
const BEFORE = END - 24 * 3_600_000;
const valuesAt = async (where: string, at: number) =>
  (await prometheus.query(interpolate(allExpressions.find((one) => one.where === where)!.expr, EVERYTHING), at)).map(
    ({ value }) => value,
  );

describe('a board of an exporter that watches nothing', () => {
  it.each([
    ['overview / Not visible / none shown', [0], []],
    ['environment / Status / none shown', [0], []],
    ['exporter / Not visible / none shown', [0], []],
    ['exporter / List errors / none shown', [0], []],
    ['exporter / Watched / A', [0], []],
    ['exporter / Watched / dropped', [0], []],
    ['exporter / Down / A', [0], []],
    ['overview / Issue since when / nothing', [STATUS.notVisible], []],
    ['overview / Issue since when / exporter', [], [STATUS.notVisible]],
  ])('says so, and not that there is no exporter: %s', async (where, watchesNothing, noExporter) => {
    expect(await valuesAt(`anthropic-work-${where}`, END)).toEqual(watchesNothing);
    expect(await valuesAt(`anthropic-work-${where}`, BEFORE)).toEqual(noExporter);
  });

  it.each(['overview', 'environment', 'exporter'])('has one number in each tile that tells it: %s', async (board) => {
    const all = expressionsOf(boardNamed(`anthropic-work-${board}`)).filter(({ panel }) => panel?.type === 'stat');
    const telling = all.filter(({ where }) => where.endsWith(' / none shown')).map(({ panel }) => panel!.title);
    expect(telling.length).toBeGreaterThan(0);
    for (const title of telling) {
      const tile = all.filter(({ panel }) => panel!.title === title);
      const numbers = await Promise.all(tile.map(({ where }) => valuesAt(where, END)));
      expect(numbers.flat(), title).toEqual([0]);
    }
  });
});
