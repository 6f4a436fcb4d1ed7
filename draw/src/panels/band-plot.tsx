import type { GrafanaTheme2, TimeRange } from '@grafana/data';
import type { ReactNode } from 'react';

/** One rectangle of a row, in time. */
export interface Band {
  readonly from: number;
  readonly to: number;
  readonly colour: string;
  readonly text?: string;
}

export interface BandRow {
  readonly label: string;
  readonly bands: readonly Band[];
}

interface BandPlotProps {
  readonly rows: readonly BandRow[];
  readonly width: number;
  readonly height: number;
  readonly timeRange: TimeRange;
  readonly theme: GrafanaTheme2;
  /** Share of a row's height that its bands take. */
  readonly fill: number;
  readonly footer?: ReactNode;
}

const AXIS_HEIGHT = 22;
const LETTER = 6.6;

/** Rows of rectangles over a time axis: what is left of state timelines and heatmaps without their unpublished parts. */
export function BandPlot({ rows, width, height, timeRange, theme, fill, footer }: BandPlotProps) {
  const longest = Math.max(0, ...rows.map(({ label }) => label.length));
  const left = Math.min(width * 0.45, longest * LETTER + 12);
  const rowHeight = (height - AXIS_HEIGHT) / Math.max(1, rows.length);
  const from = timeRange.from.valueOf();
  const to = timeRange.to.valueOf();
  const x = (time: number) => left + ((Math.min(Math.max(time, from), to) - from) / (to - from)) * (width - left - 8);
  const text = { fontFamily: theme.typography.fontFamily, fontSize: 11, fill: theme.colors.text.secondary };
  return (
    <div style={{ position: 'relative' }}>
      <svg width={width} height={height} role="img" aria-label="bands over time">
        {rows.map(({ label, bands }, index) => {
          const top = index * rowHeight + (rowHeight * (1 - fill)) / 2;
          const middle = index * rowHeight + rowHeight / 2 + 4;
          return (
            <g key={label}>
              <text x={left - 6} y={middle} textAnchor="end" style={text}>
                {label}
              </text>
              {bands.map((band) => {
                const start = x(band.from);
                const wide = x(band.to) - start;
                const fits = band.text !== undefined && rowHeight > 12 && band.text.length * LETTER + 8 < wide;
                return (
                  <g key={band.from}>
                    <rect x={start} y={top} width={Math.max(1, wide)} height={rowHeight * fill} fill={band.colour} />
                    {fits && (
                      <text
                        x={start + 5}
                        y={middle}
                        style={{ ...text, fill: theme.colors.getContrastText(band.colour) }}
                      >
                        {band.text}
                      </text>
                    )}
                  </g>
                );
              })}
            </g>
          );
        })}
        {ticks(from, to, (width - left) / 60).map((time) => (
          <text key={time} x={x(time)} y={height - 6} textAnchor="middle" style={text}>
            {new Date(time).toISOString().slice(11, 16)}
          </text>
        ))}
      </svg>
      {footer}
    </div>
  );
}

/** Round times, at most `most` of them. */
function ticks(from: number, to: number, most: number): number[] {
  const minute = 60_000;
  const steps = [5, 10, 15, 30, 60, 120, 180, 360, 720, 1440].map((minutes) => minutes * minute);
  const step = steps.find((candidate) => (to - from) / candidate <= Math.min(7, most)) ?? 1440 * minute;
  const first = Math.ceil(from / step) * step;
  return Array.from({ length: Math.floor((to - first) / step) + 1 }, (_, index) => first + index * step).slice(1, -1);
}
