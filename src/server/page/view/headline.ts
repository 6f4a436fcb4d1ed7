import { counted } from '../../../base/counted.ts';
import type { ConditionPhase } from '../../../conditions/condition.ts';
import { hasOtherShards } from '../../../domain/shard.ts';
import type { ConnectionProblem, ExporterProblem } from '../../http/server-deps.ts';
import type { Cause } from './cause.ts';
import type { Notice } from './environment-notices.ts';
import type { EnvironmentView } from './environment-view.ts';
import { capitalised } from './human-text.ts';
import type { Level } from './level.ts';

/** A problem of discovery, of the exporter itself, or of the page. */
export type PageProblem = ConnectionProblem | ExporterProblem | Notice;

export interface HeadlineFacts {
  readonly causes: readonly Cause[];
  readonly views: readonly EnvironmentView[];
  readonly problems: readonly PageProblem[];
  /** `I/N`. */
  readonly shard: string;
  /** Whether the rules are being evaluated: otherwise nothing counts as fine. */
  readonly evaluated: boolean;
  /** What to say of alerts that may have fired before this process started; null once it would know of them. */
  readonly warmUp?: string | null;
}

export interface Headline {
  readonly level: Level;
  readonly text: string;
  /** Of the environment that the text names, if it names one. */
  readonly name?: string | null;
}

/** One sentence about everything, the first thing read at three in the morning: the alert that pages, if one does. */
export function headlineOf({ causes, views, problems, shard, evaluated, warmUp = null }: HeadlineFacts): Headline {
  const firing = causes.find(({ first }) => first.phase !== 'pending');
  if (firing !== undefined) {
    const level = firing.first.severity === 'critical' ? 'critical' : 'warning';
    return { level, text: sentenceOf(firing, causes), name: firing.name };
  }
  const unreadable = views.filter(({ level }) => level === 'unreadable');
  if (unreadable.length > 0) return { level: 'unreadable', ...unreadableText(unreadable, views.length) };
  const [problem] = problems;
  if (problem !== undefined) return { level: views.length === 0 ? 'unreadable' : 'warning', text: shortText(problem) };
  const [pending] = causes;
  if (pending !== undefined) return { level: 'pending', text: sentenceOf(pending, causes), name: pending.name };
  if (views.length === 0 && hasOtherShards(shard)) {
    return { level: 'starting', text: `Shard ${shard} has no environment to watch.` };
  }
  return withoutProblem(views, evaluated, warmUp);
}

/** The raw answer of an API may be long: it comes after the colon, and is shown below the headline. */
function shortText({ text }: PageProblem): string {
  return capitalised(text.split(': ')[0]!);
}

const PHASE_PREFIX: Readonly<Record<ConditionPhase, string>> = {
  pending: 'May alert soon: ',
  firing: '',
  recovering: 'Recovering: ',
};

/** The words of a cause, and how many others there are. */
function sentenceOf({ text, first, conditions }: Cause, causes: readonly Cause[]): string {
  const prefix =
    first.phase === 'pending' && conditions.some(({ mayBeOlder }) => mayBeOlder)
      ? 'May be alerting already: '
      : PHASE_PREFIX[first.phase];
  const more = causes.filter((cause) => cause.first.phase !== 'pending' || first.phase === 'pending').length - 1;
  return `${prefix}${text}${more > 0 ? ` — and ${counted(more, ['more alert', 'more alerts'])}` : ''}`;
}

/** The most common cause. Which key got the 401 or 403 is said only where it is the same for all. */
function unreadableText(unreadable: readonly EnvironmentView[], all: number): Omit<Headline, 'level'> {
  const reasons = Map.groupBy(unreadable, ({ unreadableReason: reason }) => reason ?? 'unknown');
  const [common, shared] = [...reasons].sort(([, a], [, b]) => b.length - a.length)[0]!;
  const exact = new Set(shared.map((view) => view.unreadableText));
  const reason = (exact.size === 1 ? shared[0]!.unreadableText : null) ?? common;
  const rest = unreadable.length - shared.length;
  const name = shared.length === 1 && all > 1 ? shared[0]!.json.name : null;
  const others = rest > 0 ? `, and ${rest} more for other reasons` : '';
  return { text: `${capitalised(reason)}: ${name ?? counted(shared.length)} not readable${others}`, name };
}

/** Nothing fires, nothing is about to, and no problem is known. */
function withoutProblem(views: readonly EnvironmentView[], evaluated: boolean, warmUp: string | null): Headline {
  if (views.length === 0) return { level: 'starting', text: 'No environment is watched yet.' };
  const known = warmUp === null ? '' : 'known ';
  const since = warmUp === null ? '' : ` ${warmUp}`;
  const starting = views.filter(({ level }) => level === 'starting').length;
  if (starting > 0) {
    const isAll = starting === views.length || !evaluated;
    const others = isAll ? '.' : `, and no ${known}alert is firing for the others.${since}`;
    return { level: 'starting', text: `${starting} of ${counted(views.length)} not read yet${others}` };
  }
  if (!evaluated) return { level: 'starting', text: 'The exporter has just started: no alert has been evaluated yet.' };
  const silent = `No ${known}alert is firing.`;
  const noticed = views.filter(({ level }) => level === 'notice').length;
  if (noticed > 0) {
    const what = noticed === 1 ? 'has a notice' : 'have notices';
    return { level: 'notice', text: `${silent} ${noticed} of ${counted(views.length)} ${what}.${since}` };
  }
  // An alert that this process cannot know of may be firing.
  if (warmUp !== null) return { level: 'notice', text: `${silent}${since}` };
  return {
    level: 'ok',
    text: views.length === 1 ? 'The environment is fine.' : `All ${counted(views.length)} are fine.`,
  };
}
