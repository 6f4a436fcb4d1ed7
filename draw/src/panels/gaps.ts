import type { DataFrame, TimeRange } from '@grafana/data';

/**
 * Nulls where samples are missing for more than a step, also before the end of the range: Grafana's own panel does this
 * before it hands frames to its chart (`prepareGraphableFields`, `applyNullInsertThreshold`), and neither is published.
 */
export function withGaps(frame: DataFrame, range: TimeRange): DataFrame {
  const [time, ...others] = frame.fields;
  const step = time?.config.interval;
  if (time === undefined || !step) return frame;
  const times: number[] = [];
  const from: (number | null)[] = [];
  const put = (at: number, index: number | null) => {
    times.push(at);
    from.push(index);
  };
  time.values.forEach((at: number, index: number) => {
    const before = index === 0 ? at : (time.values[index - 1] as number);
    if (at - before > step * 1.5) put(before + step, null);
    put(at, index);
  });
  const last = times.at(-1);
  if (last !== undefined && range.to.valueOf() - last > step) put(last + step, null);
  return {
    ...frame,
    length: times.length,
    fields: [
      { ...time, values: times, state: { ...time.state, nullThresholdApplied: true } },
      ...others.map((field) => ({
        ...field,
        values: from.map((index) => (index === null ? null : field.values[index])),
      })),
    ],
  };
}
