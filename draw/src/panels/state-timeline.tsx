import { type DataFrame, type Field, FieldType, formattedValueToString, getFieldDisplayName } from '@grafana/data';
import { useTheme2 } from '@grafana/ui';
import { type Band, BandPlot } from './band-plot';
import { type DrawnProps, NoData } from './panel-props';

/** States over time, one row per series; equal neighbours are merged, and a missing sample ends a band. */
export function StateTimelinePanel({ data, width, height, timeRange, options, fieldConfig }: DrawnProps) {
  const theme = useTheme2();
  const rows = data.series.flatMap((frame) => {
    const value = frame.fields.find(({ type }) => type === FieldType.number);
    if (value === undefined) return [];
    return [{ label: getFieldDisplayName(value, frame, data.series), bands: bands(frame, value) }];
  });
  if (rows.length === 0) return <NoData fieldConfig={fieldConfig} width={width} height={height} />;
  return (
    <BandPlot rows={rows} width={width} height={height} timeRange={timeRange} theme={theme} fill={options.rowHeight} />
  );
}

function bands(frame: DataFrame, value: Field<number>): Band[] {
  const time = frame.fields.find(({ type }) => type === FieldType.time)!;
  const step = time.config.interval ?? 60_000;
  const found: (Band & { to: number })[] = [];
  time.values.forEach((at: number, index: number) => {
    const shown = value.display!(value.values[index]);
    const text = formattedValueToString(shown);
    const last = found.at(-1);
    if (last !== undefined && last.text === text && at - last.to < step / 2) last.to = at + step;
    else found.push({ from: at, to: at + step, colour: shown.color ?? 'gray', text });
  });
  return found;
}
