import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../../src/base/clock.ts';
import type { FastClock } from '../../support/fast-clock.ts';

interface ExporterChoice {
  /** What its configuration says beside connections and environments. */
  readonly options?: (folder: string) => object;
  /** The clock of each replica. */
  readonly clocks?: readonly ((clock: FastClock) => Clock)[];
}

/** Few exporters for all scenarios: what is about a whole exporter, or needs another configuration, has one of its own. */
export const EXPORTER_NAMES = [
  'one',
  'two',
  // Six fleets of one job that are gone within half an hour would be one page.
  'three',
  'everywhere',
  'gone',
  'key-alone',
  'ahead',
  'behind',
  'replicas',
] as const;
export type ExporterName = (typeof EXPORTER_NAMES)[number];

const TEN_MINUTES = 600;
const DISCOVERY = { discovery: { enabled: true, interval: '1m' } };

export const LIVE_EXPORTERS: Readonly<Partial<Record<ExporterName, ExporterChoice>>> = {
  two: {
    options: (folder) => {
      mkdirSync(join(folder, 'state'));
      return { state_file: 'state/state.json' };
    },
  },
  'key-alone': { options: () => DISCOVERY },
  ahead: { clocks: [(clock) => clock.ahead(TEN_MINUTES)] },
  behind: { options: () => DISCOVERY, clocks: [(clock) => clock.ahead(-TEN_MINUTES)] },
  // The second has a busy machine: its reads come at a fifth of their pace.
  replicas: { clocks: [(clock) => clock, (clock) => clock.sluggish(5)] },
};
