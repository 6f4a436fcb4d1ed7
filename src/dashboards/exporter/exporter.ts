import { CHART_HEIGHT } from '../panels/charts.ts';
import { board } from '../parts/board.ts';
import { UID } from '../parts/links.ts';
import { readsTable, thresholdsTable } from './environment-tables.ts';
import * as api from './exporter-api-charts.ts';
import * as process from './exporter-process-charts.ts';
import * as reads from './exporter-read-charts.ts';
import { exporterTiles, PANEL } from './exporter-tiles.ts';
import { credentialsTable, instancesTable } from './process-tables.ts';

/** Is the exporter itself healthy: can the other boards be trusted? */
export function exporter() {
  return board({
    uid: UID.exporter,
    title: 'Work queues / Exporter',
    description: 'Can the other boards be believed? The reads, the API, the configuration and the processes.',
    from: 'now-6h',
    marks: 'no alerts',
    opensOn: 'all',
    rows: [
      exporterTiles(),
      { height: 8, panels: [{ id: PANEL.reads, width: 24, panel: readsTable() }] },
      {
        height: 6,
        panels: [
          { id: PANEL.processes, width: 12, panel: instancesTable() },
          { id: 12, width: 12, panel: credentialsTable() },
        ],
      },
      {
        heading: { id: 100, title: 'The API' },
        height: CHART_HEIGHT,
        panels: [
          { id: 20, width: 8, panel: api.failures() },
          { id: 21, width: 8, panel: api.budget() },
          { id: 22, width: 8, panel: api.latencies() },
          { id: 23, width: 12, panel: api.clockSkew() },
          { id: 24, width: 12, panel: api.drift() },
        ],
      },
      {
        heading: { id: 101, title: 'The reads' },
        height: CHART_HEIGHT,
        panels: [
          { id: 30, width: 6, panel: reads.stretchFactor() },
          { id: 31, width: 6, panel: reads.listReads() },
          { id: 32, width: 6, panel: reads.mismatches() },
          { id: PANEL.discovery, width: 6, panel: reads.discovery() },
        ],
      },
      {
        heading: { id: 102, title: 'The process' },
        height: CHART_HEIGHT,
        panels: [
          { id: 42, width: 12, panel: process.eventLoop() },
          { id: 43, width: 12, panel: process.stateFile() },
        ],
      },
      {
        heading: { id: 103, title: 'What the alerts compare with' },
        height: 8,
        panels: [{ id: 50, width: 24, panel: thresholdsTable() }],
      },
    ],
  });
}
