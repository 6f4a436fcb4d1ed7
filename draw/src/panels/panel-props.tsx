import type { FieldConfigSource, PanelProps } from '@grafana/data';
import type { ReactElement } from 'react';

/** The options of core panels as their JSON has them: only what is drawn is read. */
// biome-ignore lint/suspicious/noExplicitAny: the option types of core panels are not published.
export type DrawnProps = PanelProps<any>;
export type DrawnPanel = (props: DrawnProps) => ReactElement;

/** What a core panel shows instead of nothing: its configured text, else "No data". */
export function NoData({
  fieldConfig,
  width,
  height,
}: {
  fieldConfig: FieldConfigSource;
  width: number;
  height: number;
}) {
  const style = {
    width,
    height,
    display: 'flex',
    alignItems: 'center',
    justifyContent: 'center',
    fontSize: 16,
    opacity: 0.7,
  };
  return (
    <div data-nodata style={style}>
      {fieldConfig.defaults.noValue ?? 'No data'}
    </div>
  );
}
