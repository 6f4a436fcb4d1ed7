import { FieldType, formattedValueToString, getValueFormat } from '@grafana/data';
import { useTheme2 } from '@grafana/ui';
import { type Band, BandPlot } from './band-plot';
import { type DrawnProps, NoData } from './panel-props';

/** Dark to bright, about d3's "Greens" on a dark page. */
const SCHEME = ['#00441b', '#006d2c', '#238b45', '#41ab5d', '#74c476', '#a1d99b', '#c7e9c0', '#e5f5e0'];

/** Buckets over time, the brighter the more. */
export function HeatmapPanel({ data, width, height, timeRange, options, fieldConfig }: DrawnProps) {
  const theme = useTheme2();
  const frame = data.series.find(({ fields }) => fields.length > 1);
  if (frame === undefined) return <NoData fieldConfig={fieldConfig} width={width} height={height} />;
  const time = frame.fields[0]!;
  const step = time.config.interval ?? 60_000;
  const buckets = frame.fields.filter(({ type }) => type === FieldType.number);
  const most = Math.max(0, ...buckets.flatMap(({ values }) => values as number[]).filter(Number.isFinite));
  const format = getValueFormat(options.yAxis?.unit ?? 'short');
  const colour = (value: number) =>
    SCHEME[Math.min(SCHEME.length - 1, Math.floor((value / most) ** 0.5 * SCHEME.length))]!;
  const rows = buckets.map(({ name, values }) => ({
    label: Number.isFinite(Number(name)) ? formattedValueToString(format(Number(name))) : name,
    bands: time.values.flatMap((at: number, index: number): Band[] => {
      const value = values[index] as number;
      return value > 1e-9 ? [{ from: at - step, to: at, colour: colour(value) }] : [];
    }),
  }));
  return (
    <BandPlot rows={rows.reverse()} width={width} height={height} timeRange={timeRange} theme={theme} fill={0.9} />
  );
}
