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

/** For sorting, the most severe first. */
export function compareLevels(one: Level, other: Level): number {
  return LEVEL_NAMES.indexOf(one) - LEVEL_NAMES.indexOf(other);
}
