import { toTenths } from '../base/text.ts';
import { CREDENTIAL_NAMES, type CredentialKind, type FailureReason, isRejectedOnTheWay } from '../domain/failure.ts';

/** How an environment, or all of them, do: the word and the sign say it to those who see no colours. */
interface LevelMark {
  readonly word: string;
  readonly sign: string;
  readonly tone: 'bad' | 'warn' | 'idle' | 'good';
}

/**
 * From the most severe to none:
 *
 * - `critical`, `warning`: an alert of that severity is firing.
 * - `unreadable`: the state of its queue is unknown.
 * - `pending`: an alert will fire if nothing changes.
 * - `notice`: no alert, but something is not as it should be.
 * - `starting`: it has not been read yet.
 * - `unjudged`: it is read, but nothing is known of its conditions.
 */
export const LEVELS = {
  critical: { word: 'Critical', sign: '✖', tone: 'bad' },
  unreadable: { word: 'Not readable', sign: '⊘', tone: 'bad' },
  warning: { word: 'Warning', sign: '▲', tone: 'warn' },
  pending: { word: 'Pending', sign: '◔', tone: 'warn' },
  notice: { word: 'Notice', sign: '◆', tone: 'idle' },
  starting: { word: 'Not read yet', sign: '…', tone: 'idle' },
  unjudged: { word: 'Not judged yet', sign: '?', tone: 'idle' },
  ok: { word: 'OK', sign: '✔', tone: 'good' },
} as const satisfies Record<string, LevelMark>;

export type Level = keyof typeof LEVELS;
export const LEVEL_NAMES = Object.keys(LEVELS) as readonly Level[];

/** Why a read failed, in a few words of our own: the API's text may be long and name a key. */
export function failureWords(
  reason: FailureReason,
  credential: CredentialKind | null,
  httpStatus: number | null,
): string {
  const key = credential === null ? 'key' : CREDENTIAL_NAMES[credential];
  if (httpStatus !== null && isRejectedOnTheWay({ reason, httpStatus })) {
    return `something before the API rejects the request (${httpStatus})`;
  }
  if (reason === 'unauthorized') return `${key} refused (401)`;
  return reason === 'forbidden' ? `${key} refused (403)` : REASONS[reason];
}

const REASONS: Readonly<Record<Exclude<FailureReason, 'unauthorized' | 'forbidden'>, string>> = {
  not_found: 'unknown to the API',
  not_self_hosted: 'not a self-hosted environment',
  rate_limited: 'rate-limited by the API (429)',
  timeout: 'the API does not answer in time',
  network: 'the API cannot be reached',
  server_error: 'the API fails (5xx)',
  bad_response: 'the answers of the API cannot be understood',
  client_error: 'the API rejects the request (4xx)',
};

const UNITS: readonly (readonly [suffix: string, seconds: number])[] = [
  ['d', 86_400],
  ['h', 3600],
  ['m', 60],
  ['s', 1],
];

/** A duration in its two largest units: `5m 12s`, `2d 3h`; tenths below ten seconds. */
export function durationText(seconds: number): string {
  if (seconds === Number.POSITIVE_INFINITY) return 'for ever';
  if (seconds < 10) return `${toTenths(seconds)}s`;
  let rest = Math.round(seconds);
  const first = UNITS.findIndex(([, size]) => rest >= size);
  const words = UNITS.slice(first, first + 2).flatMap(([suffix, size]) => {
    const count = Math.floor(rest / size);
    rest -= count * size;
    return count === 0 ? [] : [`${count}${suffix}`];
  });
  return words.join(' ');
}

/** `text` as the start of a line. */
export function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
