import { systemClock } from '../../src/base/clock.ts';
import type { Logger } from '../../src/base/logger.ts';
import type { CliIo } from '../../src/cli/command.ts';
import type { PollLog } from '../../src/poller/log.ts';

const ignore = () => {};

/** A logger that writes nothing. */
export const silentLogger: Logger = { debug: ignore, info: ignore, warn: ignore, error: ignore };

/** For a poller of whose reports a test wants none, or only some. */
export const SILENT_POLL_LOG: PollLog = {
  pollEnded() {},
  listRescanned() {},
  intervalsScaled() {},
  connectionPaused() {},
  connectionResumed() {},
  end() {},
};

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
