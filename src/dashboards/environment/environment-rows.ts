import { CHART_HEIGHT } from '../panels/charts.ts';
import type { BoardRow } from '../parts/layout.ts';
import * as issues from './environment-issues.ts';
import * as pace from './environment-pace.ts';
import * as progress from './environment-progress.ts';
import * as queues from './environment-queue.ts';
import * as work from './environment-work.ts';

/** From the symptom to its causes: alerts, waiting, workers, running work, speed, and whether all this can be seen. */
export const environmentRows = (): BoardRow[] => [
  {
    height: 8,
    panels: [
      { id: 21, width: 12, panel: issues.alerts() },
      { id: 22, width: 12, panel: issues.statuses() },
    ],
  },
  {
    heading: { id: 100, title: 'Is work being picked up?' },
    height: CHART_HEIGHT,
    panels: [
      { id: 10, width: 12, panel: queues.wait() },
      { id: 11, width: 12, panel: queues.queue() },
    ],
  },
  {
    heading: { id: 101, title: 'Who is there to do it?' },
    height: CHART_HEIGHT,
    panels: [
      { id: 12, width: 12, panel: queues.workers() },
      { id: 13, width: 12, panel: queues.items() },
    ],
  },
  {
    heading: { id: 102, title: 'Is running work alive?' },
    height: CHART_HEIGHT,
    panels: [
      { id: 14, width: 8, panel: work.heartbeats() },
      { id: 15, width: 8, panel: work.heartbeatAges() },
      { id: 16, width: 8, panel: work.stateAges() },
    ],
  },
  {
    heading: { id: 105, title: 'Is running work getting anywhere?' },
    height: CHART_HEIGHT,
    panels: [
      { id: 26, width: 8, panel: progress.sessions() },
      { id: 27, width: 8, panel: progress.sessionWaits() },
      { id: 28, width: 8, panel: progress.deliveries() },
    ],
  },
  {
    heading: { id: 103, title: 'How fast does it go?' },
    height: CHART_HEIGHT,
    panels: [
      { id: 17, width: 8, panel: pace.flow() },
      { id: 34, width: 8, panel: pace.net() },
      { id: 18, width: 8, panel: pace.returns() },
      { id: 19, width: 12, panel: pace.waitHeatmap() },
      { id: 20, width: 12, panel: pace.quantiles() },
    ],
  },
  {
    heading: { id: 104, title: 'Can it be seen?' },
    height: CHART_HEIGHT,
    panels: [
      { id: 23, width: 8, panel: issues.failures() },
      { id: 24, width: 8, panel: issues.reads() },
      { id: 35, width: 8, panel: issues.fullReads() },
    ],
  },
];
