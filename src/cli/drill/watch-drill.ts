import { request } from 'undici';
import { sleep } from '../../base/clock.ts';
import { errorText } from '../../base/errors.ts';
import { CommandExit, EXIT } from '../command/command-exit.ts';
import type { CliIo } from '../command/io.ts';

/** How often to check whether the drill is still running. */
const LOOK_MS = 5000;
/** One check may fail while the exporter is busy; this many in a row mean that it is gone. */
const MOST_FAILURES = 3;
/**
 * The exporter started its clock a little earlier: a drill that disappears this shortly before its end has ended
 * regularly.
 */
const SPARE_MS = 15_000;

export interface WatchedDrill {
  /** Any address of the exporter. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly environmentId: string;
  readonly minutes: number;
  /** Aborted when the command has ended the drill. */
  readonly signal: AbortSignal;
}

/**
 * Checks, until shortly before the end of a drill, that it is still running: nobody should wait for an alert that
 * cannot come.
 *
 * @throws CommandExit when the exporter no longer answers, or no longer knows the drill
 */
export async function watchDrill({ clock }: Pick<CliIo, 'clock'>, drill: WatchedDrill): Promise<void> {
  const { url, headers, environmentId, minutes, signal } = drill;
  const address = new URL(`/api/v1/environments/${environmentId}`, url).href;
  const end = clock.monotonic() + minutes * 60_000 - SPARE_MS;
  let failures = 0;
  for (;;) {
    await sleep(clock, LOOK_MS, signal).catch(() => {});
    if (signal.aborted || clock.monotonic() >= end) return;
    const seen = await look(address, { headers, signal });
    // A result from after the end says nothing.
    if (signal.aborted || clock.monotonic() >= end) return;
    if (seen.status === 404) throw new CommandExit(EXIT.failed, ENDED_EARLY);
    failures = seen.status === null ? failures + 1 : 0;
    if (failures === MOST_FAILURES) throw new CommandExit(EXIT.failed, lost(url, seen.problem));
  }
}

interface Look {
  /** Null when nothing answered; then `problem` says why. */
  readonly status: number | null;
  readonly problem: string;
}

async function look(
  address: string,
  options: { readonly headers: Readonly<Record<string, string>>; readonly signal: AbortSignal },
): Promise<Look> {
  try {
    const limits = { headersTimeout: LOOK_MS, bodyTimeout: LOOK_MS };
    const { statusCode, body } = await request(address, { ...limits, ...options });
    await body.dump();
    return { status: statusCode, problem: '' };
  } catch (error) {
    return { status: null, problem: errorText(error) };
  }
}

const ENDED_EARLY =
  'The drill ended early: somebody ended it, or the exporter stopped or restarted. Its series are gone; start it again.';

function lost(url: string, problem: string): string {
  const { origin } = new URL(url);
  return `The exporter at ${origin} no longer answers (${problem}). If it has stopped, the drill has ended too and no page will come: restart the exporter, then the drill.`;
}
