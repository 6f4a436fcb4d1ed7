import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { LiveScenario } from './live-scenario.ts';

/** The exporter itself: gone, or with an old configuration, or without its state. */
export const EXPORTER_SCENARIOS: readonly LiveScenario[] = [
  {
    cause: 'exporter gone',
    exporter: 'gone',
    steps: [
      { minute: 0, act: (world) => world.exporter.stop() },
      // Sooner than ExporterInstanceDown, which would outlast the page by a moment.
      { minute: 9, act: (world) => world.exporter.start() },
    ],
    tells: [{ alert: 'ExporterAbsent', severity: 'critical', evidence: 300, seenBy: 'scrape' }],
  },
  {
    cause: 'configuration that cannot be loaded',
    exporter: 'one',
    steps: [
      { minute: 0, act: (world) => world.exporter.reload('environments: [{}]') },
      { minute: 20, act: (world) => world.exporter.reload() },
    ],
    tells: [{ alert: 'ExporterConfigReloadFailed', severity: 'warning', evidence: 300, seenBy: 'scrape' }],
  },
  {
    cause: 'state file that cannot be written',
    exporter: 'two',
    steps: [
      { minute: 0, act: ({ exporter }) => rmSync(join(exporter.folder, 'state'), { recursive: true }) },
      { minute: 22, act: ({ exporter }) => void mkdirSync(join(exporter.folder, 'state')) },
    ],
    tells: [{ alert: 'StateFileFailing', severity: 'warning', evidence: 360, seenBy: 'scrape' }],
  },
];
