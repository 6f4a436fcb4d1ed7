import { OPERATIONS, type Operation } from '../../../domain/environment.ts';
import {
  CHAIN_BROKEN_REMEDY,
  type FailureReason,
  RATE_LIMITED_REMEDY,
  ROOMLESS_REMEDY,
} from '../../../domain/failure.ts';
import type { EnvironmentState, PollRecord } from '../../../state/environment-state.ts';
import type { EnvironmentJson } from '../../api/environment-json.ts';
import type { VisibleState } from '../../api/visible-state.ts';
import { withoutPaths } from '../../api/without-paths.ts';
import { durationText } from './human-text.ts';
import { failureWords } from './read-words.ts';

/** Something about an environment that a person should know and that is not an alert. */
export interface Notice {
  readonly text: string;
  readonly remedy: string | null;
}

const AGE_UNKNOWN_REMEDY =
  'Compare oldest_queued_at of work/stats with the clock; if the field has a new name or form, update the exporter.';
/** Failures longer ago are not mentioned, ms. */
const RECENT_MS = 15 * 60_000;

/** Why numbers of an environment are unknown or incomplete. */
export function environmentNotices(
  state: EnvironmentState,
  { json, visible, now }: { readonly json: EnvironmentJson; readonly visible: VisibleState; readonly now: number },
): readonly Notice[] {
  const notices = [...keyNotices(state), ...pauseNotices(state, now), ...readNotices(state, now)];
  if (json.queue !== null && json.queue.oldest_age_seconds === null) {
    const waiting = json.queue.depth + json.queue.pending;
    const work = waiting === 1 ? '1 item waits' : `${waiting} items wait`;
    const text = `${work}, and the API does not say since when: no alert on the age of the queue can fire`;
    notices.push({ text, remedy: AGE_UNKNOWN_REMEDY });
  }
  if (json.items?.truncated === true) notices.push(truncatedNotice(visible));
  if (notices.length === 0 && (json.status === 'blind' || json.status === 'degraded')) {
    notices.push({ text: 'the last answer is too old to be shown', remedy: null });
  }
  return notices;
}

/** Discovery itself has an API key, so what a discovered environment lacks is its own key. */
function keyNotices({ operations, environment }: EnvironmentState): Notice[] {
  if (operations.stats.attempted || operations.list.attempted) return [];
  const { id, source, connection } = environment;
  const remedy =
    source === 'discovery'
      ? `Put its environment key into a file named ${id} in discovery.environment_keys_dir, or leave it out with discovery.exclude.`
      : `Set environment_key_file of ${id}, or api_key_file of connection ${connection}.`;
  return [{ text: 'no key: nothing is read of this environment', remedy }];
}

function pauseNotices(state: EnvironmentState, now: number): Notice[] {
  if (!isPaused(state)) return [];
  const left = durationText(Math.ceil(Math.max(1000, state.pausedUntil - now) / 1000));
  const text = `nothing is read for another ${left}: the API answered 429 to its connection`;
  return [{ text, remedy: RATE_LIMITED_REMEDY }];
}

function isPaused(state: EnvironmentState): state is EnvironmentState & { readonly pausedUntil: number } {
  const { stats, list } = state.operations;
  return (state.pausedUntil ?? null) !== null && (stats.attempted || list.attempted);
}

/** How the reads of something fail. */
interface FailingReads {
  readonly reason: FailureReason;
  readonly what: string;
  readonly often: string;
  readonly why: string;
  readonly remedy: string | null;
}

/** One for both kinds of read where they fail alike. A pause tells by itself that reads were answered with 429. */
function readNotices(state: EnvironmentState, now: number): Notice[] {
  const isCovered = ({ reason }: FailingReads) => isPaused(state) && reason === 'rate_limited';
  const failing = OPERATIONS.flatMap((name) => failingReads(state, name, now)).filter((reads) => !isCovered(reads));
  const [one, other] = failing;
  const alike = other !== undefined && one!.often === other.often && one!.why === other.why;
  const merged =
    alike && one!.remedy === other.remedy ? [{ ...one!, what: `${one!.what} and ${other.what}` }] : failing;
  return merged.map(({ what, often, why, remedy }) => ({ text: `${often} of ${what} failed: ${why}`, remedy }));
}

/** Counted over the last reads, so that a key that works intermittently does not make the notice flicker. */
function failingReads(
  { operations, recentPolls }: EnvironmentState,
  operation: Operation,
  now: number,
): readonly FailingReads[] {
  const { attempted, failure, credential } = operations[operation];
  const recent = recentPolls.filter((poll) => poll.operation === operation && now - poll.at < RECENT_MS);
  const failed = recent.filter(({ ok }) => !ok);
  const reason = failure?.reason ?? commonest(failed);
  if (!attempted || reason === null || (failure === null && failed.length < 2)) return [];
  const what = operation === 'stats' ? 'the queue' : 'the item list';
  const always = failure !== null && failed.length === recent.length;
  const often = always ? 'every read' : `${failed.length} of the last ${recent.length} reads`;
  const remedy = failure === null ? null : withoutPaths(failure.remedy);
  return [{ reason, what, often, why: failureWords(reason, credential, failure?.httpStatus), remedy }];
}

function commonest(failed: readonly PollRecord[]) {
  const reasons = failed.flatMap(({ reason }) => reason ?? []);
  const count = (wanted: string) => reasons.filter((reason) => reason === wanted).length;
  return reasons.toSorted((a, b) => count(b) - count(a))[0] ?? null;
}

function truncatedNotice(visible: VisibleState): Notice {
  const { chainBroken = false, roomless = false } = visible.items?.lastFullRead ?? {};
  if (roomless)
    return {
      text: 'the item list shows more than there is memory for: numbers from it are too low',
      remedy: ROOMLESS_REMEDY,
    };
  const cut = chainBroken ? 'could not be read to its end' : 'was cut at the page cap';
  return {
    text: `the item list ${cut}: numbers from it are too low`,
    remedy: chainBroken
      ? CHAIN_BROKEN_REMEDY
      : 'Raise poll.max_list_pages, or have old items of the environment cleared.',
  };
}
