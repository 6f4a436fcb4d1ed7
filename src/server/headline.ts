import { counted } from '../base/text.ts';
import { CONDITIONS } from '../diagnosis/conditions.ts';
import { type Condition, type DiagnosisReport, isCurrent, troubles } from '../diagnosis/report.ts';
import { hasOtherShards } from '../domain/shard.ts';
import { type EnvironmentView, isFiring, type Notice } from './environment-view.ts';
import { capitalised, durationText, type Level } from './words.ts';

/** A process that is younger has not seen the spans that some conditions are judged over. */
const YOUNG_MS = 20 * 60_000;

/** What is judged, and by whom. */
export interface Judgement {
  readonly report: DiagnosisReport;
  /** When the process started. */
  readonly startedAt: number;
  readonly now: number;
}

/** Says that nobody judges any more: that nothing is shown then means nothing. Null while somebody does. */
export function stoppedNotice({ report, now }: Judgement): Notice | null {
  if (report.at === null || isCurrent(report, now)) return null;
  return {
    text: `the environments were last judged ${durationText((now - report.at) / 1000)} ago: an alert may fire that is not shown here`,
    remedy: 'Ask Prometheus what fires. The log of the exporter says why; restart it.',
  };
}

/** Says that the process is young: something may be wrong, or somebody paged, that it cannot know of yet. Else null. */
export function youthText({ report, startedAt, now }: Judgement): string | null {
  const all = [...report.environments.values(), ...report.connections.values()].flat();
  if (now - startedAt >= YOUNG_MS || all.every(({ value }) => value !== null)) return null;
  return `The exporter started ${durationText((now - startedAt) / 1000)} ago, and not everything is known yet.`;
}

/** Conditions of one kind in one phase: shown once, however many environments have them. */
export interface Trouble {
  /** Unique, and the same when the page is refreshed, so that it can keep the focus. */
  readonly key: string;
  readonly first: Condition;
  readonly conditions: readonly Condition[];
  /** One line. */
  readonly text: string;
  /** Of the environment that the line names, if it names one. */
  readonly name: string | null;
}

/** The gravest first. What another condition explains stands with the environments alone. */
export function troublesOf(report: DiagnosisReport): readonly Trouble[] {
  const shown = troubles(report).filter(({ phase }) => phase !== 'explained');
  const keys = new Set<string>();
  return [...Map.groupBy(shown, (one) => `${kindOf(one)} ${one.phase}`)].map(([kindAndPhase, conditions]) => {
    const [first] = conditions as [Condition];
    // A condition that begins to fire keeps its place on the page.
    const key = keys.has(kindOf(first)) ? kindAndPhase : kindOf(first);
    keys.add(key);
    const { subject } = first;
    const summary = summaryOf(first);
    const isOne = conditions.length === 1;
    const name = isOne && subject.kind === 'environment' ? subject.name : null;
    const ofOne =
      name === null ? `${summary} (connection ${subject.name})` : `${name}: ${CONDITIONS[first.name].summary}`;
    return { key, first, conditions, name, text: isOne ? ofOne : `${summary}: ${counted(conditions.length)}` };
  });
}

function kindOf({ name, severity, subject }: Condition): string {
  return subject.kind === 'connection' ? `${name} ${severity} ${subject.name}` : `${name} ${severity}`;
}

/** Without whom it is about. */
export function summaryOf({ name }: Pick<Condition, 'name'>): string {
  return capitalised(CONDITIONS[name].summary);
}

export interface HeadlineFacts extends Judgement {
  readonly troubles: readonly Trouble[];
  readonly views: readonly EnvironmentView[];
  /** Of discovery, of the exporter itself, or of the page. */
  readonly problems: readonly Notice[];
  /** `I/N`. */
  readonly shard: string;
}

export interface Headline {
  readonly level: Level;
  readonly text: string;
  /** Of the environment that the text names, if it names one. */
  readonly name?: string | null;
}

/** One sentence about everything, the first thing read at three in the morning: the alert that pages, if one does. */
export function headlineOf(facts: HeadlineFacts): Headline {
  const { troubles: all, views, problems, shard } = facts;
  const firing = all.find(({ first }) => isFiring(first));
  if (firing !== undefined) return { ...sentenceOf(firing, all), level: firing.first.severity };
  const unreadable = views.filter(({ level }) => level === 'unreadable');
  if (unreadable.length > 0) return unreadableHeadline(unreadable, views.length);
  const [problem] = problems;
  if (problem !== undefined) {
    // The raw answer of an API may be long: it comes after the colon, and is shown below the headline.
    const text = capitalised(problem.text.split(': ')[0]!);
    return { level: views.length === 0 ? 'unreadable' : 'warning', text };
  }
  const [pending] = all;
  if (pending !== undefined) return { ...sentenceOf(pending, all), level: 'pending' };
  if (views.length === 0 && hasOtherShards(shard)) {
    return { level: 'starting', text: `Shard ${shard} has no environment to watch.` };
  }
  return withoutProblem(facts);
}

/** The words of a trouble, what shows it, and how many others there are. */
function sentenceOf({ text, name, first, conditions }: Trouble, all: readonly Trouble[]) {
  const evidence = conditions.length === 1 && first.evidence !== '' ? ` — ${first.evidence}` : '';
  const more = all.filter((one) => isFiring(one.first) || !isFiring(first)).length - 1;
  const others = more > 0 ? ` (and ${counted(more, ['more alert', 'more alerts'])})` : '';
  const isUnsure = conditions.some(({ value }) => value === null);
  const soon = isUnsure ? 'May be alerting already: ' : 'May alert soon: ';
  const prefix = first.phase === 'ending' ? 'Ending: ' : isFiring(first) ? '' : soon;
  return { text: `${prefix}${text}${evidence}${others}`, name };
}

function unreadableHeadline(unreadable: readonly EnvironmentView[], all: number): Headline {
  const reasons = new Set(unreadable.map(({ notices }) => notices[0]?.text.split(': ').at(-1) ?? 'unknown'));
  const [view] = unreadable as [EnvironmentView];
  const name = unreadable.length === 1 && all > 1 ? view.json.name : null;
  const reason = reasons.size === 1 ? `${capitalised([...reasons][0]!)}: ` : '';
  return { level: 'unreadable', text: `${reason}${name ?? counted(unreadable.length)} not readable`, name };
}

/** Nothing fires, nothing is about to, and no problem is known. */
function withoutProblem(facts: HeadlineFacts): Headline {
  const { views, report, now } = facts;
  if (views.length === 0) return { level: 'starting', text: 'No environment is watched yet.' };
  const youth = youthText(facts);
  const [known, since] = youth === null ? ['', ''] : ['known ', ` ${youth}`];
  const of = (wanted: Level) => views.filter(({ level }) => level === wanted).length;
  for (const [level, what] of [
    ['starting', 'not read yet'],
    ['unjudged', 'not judged yet'],
  ] as const) {
    if (of(level) === 0) continue;
    const isAll = of(level) === views.length || !isCurrent(report, now);
    const others = isAll ? '.' : `, and no ${known}alert is firing for the others.${since}`;
    return { level, text: `${of(level)} of ${counted(views.length)} ${what}${others}` };
  }
  const silent = `No ${known}alert is firing.`;
  const noticed = of('notice');
  if (noticed > 0) {
    const what = noticed === 1 ? 'has a notice' : 'have notices';
    return { level: 'notice', text: `${silent} ${noticed} of ${counted(views.length)} ${what}.${since}` };
  }
  // An alert that this process cannot know of may be firing.
  if (youth !== null) return { level: 'notice', text: `${silent}${since}` };
  const text = views.length === 1 ? 'The environment is fine.' : `All ${counted(views.length)} are fine.`;
  return { level: 'ok', text };
}
