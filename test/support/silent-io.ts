import { systemClock } from '../../src/base/clock.ts';
import type { CliIo } from '../../src/cli/command.ts';

/** A process for a command: nobody reads what it writes, and no signal comes. */
export const SILENT_IO: CliIo = {
  stdout() {},
  stderr() {},
  stderrIsTerminal: false,
  env: {},
  hostName: 'exporter-1',
  clock: systemClock,
  random: () => 0.5,
  onStop() {},
  onReload() {},
};
