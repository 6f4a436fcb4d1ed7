import type { PollLog } from '../../src/poller/log.ts';

/** For a poller of whose reports a test wants none, or only some. */
export const SILENT_POLL_LOG: PollLog = {
  pollEnded() {},
  listRescanned() {},
  intervalsScaled() {},
  connectionPaused() {},
  connectionResumed() {},
  end() {},
};
