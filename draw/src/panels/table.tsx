import { cacheFieldDisplayNames } from '@grafana/data';
import { TableNG } from '@grafana/ui/unstable';
import { type DrawnProps, NoData } from './panel-props';

/** Rows by the table component of Grafana 13. All rows are drawn, also those one would scroll to. */
export function TablePanel({ data, width, height, options, fieldConfig, timeRange }: DrawnProps) {
  const frame = data.series.find(({ fields, length }) => fields.length > 0 && length > 0);
  if (frame === undefined) return <NoData fieldConfig={fieldConfig} width={width} height={height} />;
  cacheFieldDisplayNames(data.series);
  return (
    <TableNG
      data={frame}
      width={width}
      height={height}
      noHeader={!options.showHeader}
      sortBy={options.sortBy}
      cellHeight={options.cellHeight}
      timeRange={timeRange}
      fieldConfig={fieldConfig}
      resizable
      structureRev={1}
      enableVirtualization={false}
    />
  );
}
