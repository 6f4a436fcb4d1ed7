import { colorManipulator, type DataFrame, FieldType, type GrafanaTheme2 } from '@grafana/data';
import { TimeSeries, type UPlotConfigBuilder, useTheme2 } from '@grafana/ui';
import { useEffect, useMemo, useRef } from 'react';
import { withGaps } from './gaps';
import { type DrawnProps, NoData } from './panel-props';

/** Lines by the component that Grafana's own panel uses. */
export function TimeSeriesPanel({ data, width, height, timeRange, timeZone, options, fieldConfig }: DrawnProps) {
  const theme = useTheme2();
  const frames = useMemo(
    () => data.series.filter(isDrawable).map((frame) => withGaps(frame, timeRange)),
    [data.series, timeRange],
  );
  if (frames.length === 0) return <NoData fieldConfig={fieldConfig} width={width} height={height} />;
  return (
    <TimeSeries
      frames={frames}
      width={width}
      height={height}
      timeRange={timeRange}
      timeZone={timeZone}
      legend={options.legend}
      options={options}
    >
      {(config: UPlotConfigBuilder) => <Annotations config={config} frames={data.annotations ?? []} theme={theme} />}
    </TimeSeries>
  );
}

function isDrawable({ fields }: DataFrame): boolean {
  return fields.some(({ type }) => type === FieldType.time) && fields.some(({ type }) => type === FieldType.number);
}

interface AnnotationsProps {
  readonly config: UPlotConfigBuilder;
  readonly frames: readonly DataFrame[];
  readonly theme: GrafanaTheme2;
}

/** Bands and lines on the plot, about as Grafana's annotation plugin draws them. */
function Annotations({ config, frames, theme }: AnnotationsProps) {
  const latest = useRef(frames);
  const plot = useRef<Plot | null>(null);
  latest.current = frames;
  // biome-ignore lint/correctness/useExhaustiveDependencies: new annotations are drawn by drawing again.
  useEffect(() => plot.current?.redraw(false), [frames]);
  useMemo(
    () =>
      config.addHook('draw', (drawn) => {
        const u = drawn as unknown as Plot;
        plot.current = u;
        for (const frame of latest.current) drawAnnotations(u, frame, theme);
      }),
    [config, theme],
  );
  return null;
}

function drawAnnotations(u: Plot, frame: DataFrame, theme: GrafanaTheme2): void {
  const column = (name: string) => frame.fields.find((field) => field.name === name)?.values ?? [];
  const { ctx, bbox } = u;
  const right = bbox.left + bbox.width;
  ctx.save();
  column('time').forEach((time: number, index: number) => {
    const colour = theme.visualization.getColorByName(column('color')[index] ?? 'red');
    const start = u.valToPos(time, 'x', true);
    const end = u.valToPos(column('timeEnd')[index] ?? time, 'x', true);
    if (end < bbox.left || start > right) return;
    const region = column('isRegion')[index] === true;
    if (region) {
      const from = Math.max(start, bbox.left);
      ctx.fillStyle = colorManipulator.alpha(colour, 0.1);
      ctx.fillRect(from, bbox.top, Math.min(end, right) - from, bbox.height);
    }
    ctx.strokeStyle = colour;
    ctx.lineWidth = devicePixelRatio;
    ctx.setLineDash([5 * devicePixelRatio, 5 * devicePixelRatio]);
    for (const x of region ? [start, end] : [start]) {
      if (x < bbox.left || x > right) continue;
      ctx.beginPath();
      ctx.moveTo(x, bbox.top);
      ctx.lineTo(x, bbox.top + bbox.height);
      ctx.stroke();
    }
  });
  ctx.restore();
}

/** What is used of the plot; its own types come with a package that Grafana bundles. */
interface Plot {
  readonly ctx: CanvasRenderingContext2D;
  readonly bbox: { readonly left: number; readonly top: number; readonly width: number; readonly height: number };
  valToPos(value: number, scale: string, canvas: boolean): number;
  redraw(rebuild: boolean): void;
}
