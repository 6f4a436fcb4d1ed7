import { counted } from '../../../base/text.ts';
import { isCurrent } from '../../../diagnosis/report.ts';
import { hasOtherShards } from '../../../domain/shard.ts';
import type { ConnectionProblem, ExporterProblem } from '../../http/server-deps.ts';
import type { Notice } from './environment-notices.ts';
import type { EnvironmentView } from './environment-view.ts';
import { capitalised } from './human-text.ts';
import { type Judgement, youthText } from './judgement.ts';
import type { Level } from './level.ts';
import { isFiring, type Trouble } from './trouble.ts';

/** A problem of discovery, of the exporter itself, or of the page. */
export type PageProblem = ConnectionProblem | ExporterProblem | Notice;

export interface HeadlineFacts {
  readonly troubles: readonly Trouble[];
  readonly views: readonly EnvironmentView[];
  readonly problems: readonly PageProblem[];
  /** `I/N`. */
  readonly shard: string;
  readonly judgement: Judgement;
}

export interface Headline {
  readonly level: Level;
  readonly text: string;
  /** Of the environment that the text names, if it names one. */
  readonly name?: string | null;
}

/** One sentence about everything, the first thing read at three in the morning: the alert that pages, if one does. */
export function headlineOf({ troubles, views, problems, shard, judgement }: HeadlineFacts): Headline {
  const firing = troubles.find(({ first }) => isFiring(first));
  if (firing !== undefined) {
    return { level: firing.first.severity, text: sentenceOf(firing, troubles), name: firing.name };
  }
  const unreadable = views.filter(({ level }) => level === 'unreadable');
  if (unreadable.length > 0) return { level: 'unreadable', ...unreadableText(unreadable, views.length) };
  const [problem] = problems;
  if (problem !== undefined) return { level: views.length === 0 ? 'unreadable' : 'warning', text: shortText(problem) };
  const [pending] = troubles;
  if (pending !== undefined) return { level: 'pending', text: sentenceOf(pending, troubles), name: pending.name };
  if (views.length === 0 && hasOtherShards(shard)) {
    return { level: 'starting', text: `Shard ${shard} has no environment to watch.` };
  }
  return withoutProblem(views, judgement);
}

/** The raw answer of an API may be long: it comes after the colon, and is shown below the headline. */
function shortText({ text }: PageProblem): string {
  return capitalised(text.split(': ')[0]!);
}

/** The words of a trouble, what shows it, and how many others there are. */
function sentenceOf({ text, first, conditions }: Trouble, troubles: readonly Trouble[]): string {
  const evidence = conditions.length === 1 && first.evidence !== '' ? ` — ${first.evidence}` : '';
  const more = troubles.filter((one) => isFiring(one.first) || !isFiring(first)).length - 1;
  const others = more > 0 ? ` (and ${counted(more, ['more alert', 'more alerts'])})` : '';
  return `${prefixOf({ first, conditions })}${text}${evidence}${others}`;
}

function prefixOf({ first: { phase }, conditions }: Pick<Trouble, 'first' | 'conditions'>): string {
  if (phase === 'holds') return '';
  if (phase === 'ending') return 'Ending: ';
  return conditions.some(({ value }) => value === null) ? 'May be alerting already: ' : 'May alert soon: ';
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
function withoutProblem(views: readonly EnvironmentView[], judgement: Judgement): Headline {
  if (views.length === 0) return { level: 'starting', text: 'No environment is watched yet.' };
  const youth = youthText(judgement);
  const [known, since] = youth === null ? ['', ''] : ['known ', ` ${youth}`];
  const of = (wanted: Level) => views.filter(({ level }) => level === wanted).length;
  const isJudged = isCurrent(judgement.report, judgement.now);
  for (const [level, what] of [
    ['starting', 'not read yet'],
    ['unjudged', 'not judged yet'],
  ] as const) {
    if (of(level) === 0) continue;
    const isAll = of(level) === views.length || !isJudged;
    const others = isAll ? '.' : `, and no ${known}alert is firing for the others.${since}`;
    const text = `${of(level)} of ${counted(views.length)} ${what}${others}`;
    return { level, text: level === 'unjudged' && isAll ? (youth ?? text) : text };
  }
  const silent = `No ${known}alert is firing.`;
  const noticed = of('notice');
  if (noticed > 0) {
    const what = noticed === 1 ? 'has a notice' : 'have notices';
    return { level: 'notice', text: `${silent} ${noticed} of ${counted(views.length)} ${what}.${since}` };
  }
  // An alert that this process cannot know of may be firing.
  if (youth !== null) return { level: 'notice', text: `${silent}${since}` };
  return {
    level: 'ok',
    text: views.length === 1 ? 'The environment is fine.' : `All ${counted(views.length)} are fine.`,
  };
}
