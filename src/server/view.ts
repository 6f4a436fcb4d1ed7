import { counted } from '../base/text.ts';
import { CONDITIONS, type ConditionName, ENVIRONMENT_CONDITIONS } from '../diagnosis/conditions.ts';
import { type Condition, type DiagnosisReport, gravestFirst, isCurrent, troubles } from '../diagnosis/report.ts';
import { OPERATIONS } from '../domain/environment.ts';
import {
  CREDENTIAL_NAMES,
  type CredentialKind,
  type FailureReason,
  isRejectedOnTheWay,
  RATE_LIMITED_REMEDY,
} from '../domain/failure.ts';
import { hasOtherShards } from '../domain/shard.ts';
import type { EnvironmentState } from '../state/environment-state.ts';
import { type EnvironmentJson, environmentJson, type JsonContext } from './environment-json.ts';
import { capitalised, durationText } from './html.ts';

/**
 * How an environment, or all of them, do, from the most severe to none; word and sign say it to those who see no colours.
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
} as const;

export type Level = keyof typeof LEVELS;
export const LEVEL_NAMES = Object.keys(LEVELS) as readonly Level[];

/** Something that a person should know and that is not an alert. */
export interface Notice {
  readonly text: string;
  readonly remedy: string | null;
}

/** What is judged, and by whom. */
export interface Judgement {
  readonly report: DiagnosisReport;
  /** When the process started. */
  readonly startedAt: number;
  readonly now: number;
}

/** An environment as the pages show it: what the JSON says of it, and what the diagnosis found. */
export interface EnvironmentView {
  readonly json: EnvironmentJson;
  /** What is wrong with it, the gravest first. */
  readonly conditions: readonly Condition[];
  /** What is wrong with its connection and concerns it. */
  readonly ofConnection: readonly Condition[];
  /** The conditions that nobody can tell yet, or that an option switches off. */
  readonly unknown: readonly ConditionName[];
  readonly notices: readonly Notice[];
  readonly level: Level;
}

export function environmentView(state: EnvironmentState, context: Required<JsonContext>): EnvironmentView {
  const { report, now } = context;
  const { id, connection } = state.environment;
  const json = environmentJson(state, context);
  const all = report.environments.get(id) ?? [];
  // Of what is explained in two severities, the graver says all.
  const conditions = gravestFirst(all).filter(
    ({ name, phase }, index, found) => phase !== 'explained' || found.findIndex((one) => one.name === name) === index,
  );
  const ofConnection = gravestFirst(report.connections.get(connection) ?? []).filter(({ environments }) =>
    environments.includes(id),
  );
  const notices = noticesOf(json, state.pausedUntil ?? null, now);
  const isPageKnown = all.length > 0 && all.every(({ severity, value }) => severity !== 'critical' || value !== null);
  const isTold = (name: ConditionName) =>
    all.some((one) => one.name === name && (one.value !== null || one.phase !== 'clear'));
  return {
    ...{ json, conditions, ofConnection, notices },
    unknown: ENVIRONMENT_CONDITIONS.filter((name) => !isTold(name)),
    level: levelOf(json, [...conditions, ...ofConnection], notices, isCurrent(report, now) && isPageKnown),
  };
}

/** The most severe first; within a level, the one that has waited longest. */
export function worseFirst(one: EnvironmentView, other: EnvironmentView): number {
  const byLevel = LEVEL_NAMES.indexOf(one.level) - LEVEL_NAMES.indexOf(other.level);
  const waits = ({ json: { queue } }: EnvironmentView) => Number(queue?.oldest_age_seconds ?? 0);
  return byLevel || waits(other) - waits(one) || (other.json.queue?.depth ?? 0) - (one.json.queue?.depth ?? 0);
}

/** What is explained asks for nothing by itself. */
export function levelOfCondition({ phase, severity }: Condition): Level {
  if (phase === 'holds' || phase === 'ending') return severity;
  return phase === 'pending' ? 'pending' : 'notice';
}

function levelOf(
  { status }: EnvironmentJson,
  conditions: readonly Condition[],
  notices: readonly Notice[],
  isJudged: boolean,
): Level {
  const levels = conditions.map(levelOfCondition);
  if (levels.includes('critical')) return 'critical';
  if (status === 'blind' || status === 'misconfigured') return 'unreadable';
  if (levels.includes('warning')) return 'warning';
  if (levels.includes('pending')) return 'pending';
  if (status === 'starting') return 'starting';
  if (notices.length > 0 || conditions.length > 0) return 'notice';
  return isJudged ? 'ok' : 'unjudged';
}

/** Why numbers of an environment are unknown or incomplete. */
function noticesOf(json: EnvironmentJson, pausedUntil: number | null, now: number): readonly Notice[] {
  const { id, connection, queue, items, operations } = json;
  const notices: Notice[] = [];
  const tell = (text: string, remedy: string | null) => void notices.push({ text, remedy });
  if (OPERATIONS.every((name) => operations[name].status === 'not_attempted')) {
    tell(
      'no key: nothing is read of this environment',
      json.source === 'discovery'
        ? `Put its environment key into a file named ${id} in discovery.environment_keys_dir, or leave it out with discovery.exclude.`
        : `Set environment_key_file of ${id}, or api_key_file of connection ${connection}.`,
    );
  } else if (pausedUntil !== null) {
    const left = durationText(Math.ceil(Math.max(1000, pausedUntil - now) / 1000));
    tell(`nothing is read for another ${left}: the API answered 429 to its connection`, RATE_LIMITED_REMEDY);
  }
  const failing = OPERATIONS.flatMap((name) => {
    const { error, credential } = operations[name];
    // A pause tells by itself that reads were answered with 429.
    if (error === null || (pausedUntil !== null && error.reason === 'rate_limited')) return [];
    const what = name === 'stats' ? 'the queue' : 'the item list';
    return { what, why: failureWords(error.reason, credential, error.http_status), remedy: error.remedy };
  });
  for (const [why, reads] of Map.groupBy(failing, ({ why }) => why)) {
    tell(`reads of ${reads.map(({ what }) => what).join(' and ')} fail: ${why}`, reads.at(-1)!.remedy);
  }
  if (queue !== null && queue.oldest_age_seconds === null) {
    const waiting = queue.depth + queue.pending;
    tell(
      `${waiting === 1 ? '1 item waits' : `${waiting} items wait`}, and the API does not say since when: no alert on the age of the queue can fire`,
      'Compare oldest_queued_at of work/stats with the clock; update the exporter if the field has changed.',
    );
  }
  if (items?.truncated === true) {
    tell(
      'the item list was not read to its end: numbers from it are too low',
      'Raise poll.max_list_pages, or have old items of the environment cleared; the log says more.',
    );
  }
  if (notices.length === 0 && (json.status === 'blind' || json.status === 'degraded')) {
    tell('the last answer is too old to be shown', null);
  }
  return notices;
}

const FAILURES: Readonly<Record<Exclude<FailureReason, 'unauthorized' | 'forbidden'>, string>> = {
  not_found: 'unknown to the API',
  not_self_hosted: 'not a self-hosted environment',
  rate_limited: 'rate-limited by the API (429)',
  timeout: 'the API does not answer in time',
  network: 'the API cannot be reached',
  server_error: 'the API fails (5xx)',
  bad_response: 'the answers of the API cannot be understood',
  client_error: 'the API rejects the request (4xx)',
};

/** Why a read failed, in a few words of our own: the API's text may be long and name a key. */
export function failureWords(reason: FailureReason, credential: CredentialKind | null, httpStatus: number | null) {
  if (httpStatus !== null && isRejectedOnTheWay({ reason, httpStatus })) {
    return `something before the API rejects the request (${httpStatus})`;
  }
  if (reason !== 'unauthorized' && reason !== 'forbidden') return FAILURES[reason];
  const key = credential === null ? 'key' : CREDENTIAL_NAMES[credential];
  return `${key} refused (${reason === 'unauthorized' ? 401 : 403})`;
}

/** Says that nobody judges any more: that nothing is shown then means nothing. Empty while somebody does. */
export function stoppedNotice({ report, now }: Judgement): readonly Notice[] {
  if (report.at === null || isCurrent(report, now)) return [];
  return [
    {
      text: `the environments were last judged ${durationText((now - report.at) / 1000)} ago: an alert may fire that is not shown here`,
      remedy: 'Ask Prometheus what fires. The log of the exporter says why; restart it.',
    },
  ];
}

/** A process that is younger has not seen the spans that some conditions are judged over. */
const YOUNG_MS = 20 * 60_000;

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
    if (conditions.length > 1) {
      return { key, first, conditions, name: null, text: `${summaryOf(first)}: ${counted(conditions.length)}` };
    }
    const { kind, name } = first.subject;
    if (kind === 'connection') return { key, first, conditions, name: null, text: summaryOf(first) };
    return { key, first, conditions, name, text: `${name}: ${CONDITIONS[first.name].summary}` };
  });
}

function kindOf({ name, severity, subject }: Condition): string {
  return subject.kind === 'connection' ? `${name} ${severity} ${subject.name}` : `${name} ${severity}`;
}

/** What is wrong, without the environment that it is about. */
export function summaryOf({ name, subject }: Condition): string {
  const summary = capitalised(CONDITIONS[name].summary);
  return subject.kind === 'connection' ? `${summary} (connection ${subject.name})` : summary;
}

export interface Headline {
  readonly level: Level;
  readonly text: string;
  /** Of the environment that the text names, if it names one. */
  readonly name?: string | null;
}

interface HeadlineFacts extends Judgement {
  readonly troubles: readonly Trouble[];
  readonly views: readonly EnvironmentView[];
  /** Of discovery, of the exporter itself, or of the page. */
  readonly problems: readonly Notice[];
  /** `I/N`. */
  readonly shard: string;
}

/** One sentence about everything, the first thing read at three in the morning: the alert that pages, if one does. */
export function headlineOf({ troubles: all, views, problems, shard, ...judgement }: HeadlineFacts): Headline {
  // The gravest first, and what fires before what is pending.
  const firing = all.find(({ first }) => first.phase !== 'pending');
  if (firing !== undefined) return sentenceOf(firing, all.length - 1);
  const unreadable = views.filter(({ level }) => level === 'unreadable');
  if (unreadable.length > 0) return unreadableHeadline(unreadable, views.length);
  const [problem] = problems;
  if (problem !== undefined) {
    // The raw answer of an API may be long: it comes after the colon, and is shown below the headline.
    const text = capitalised(problem.text.split(': ')[0]!);
    return { level: views.length === 0 ? 'unreadable' : 'warning', text };
  }
  if (all[0] !== undefined) return sentenceOf(all[0], all.length - 1);
  if (views.length > 0) return withoutProblem(views, judgement);
  const text = hasOtherShards(shard) ? `Shard ${shard} has no environment to watch.` : 'No environment is watched yet.';
  return { level: 'starting', text };
}

/** The words of a trouble, what shows it, and how many others there are. */
function sentenceOf({ text, name, first, conditions }: Trouble, more: number): Headline {
  const evidence = conditions.length === 1 && first.evidence !== '' ? ` — ${first.evidence}` : '';
  const others = more > 0 ? ` (and ${counted(more, ['more alert', 'more alerts'])})` : '';
  const isUnsure = conditions.some(({ value }) => value === null);
  const soon = isUnsure ? 'May be alerting already: ' : 'May alert soon: ';
  const prefix = { ending: 'Ending: ', pending: soon, holds: '', explained: '', clear: '' }[first.phase];
  return { level: levelOfCondition(first), text: `${prefix}${text}${evidence}${others}`, name };
}

function unreadableHeadline(unreadable: readonly EnvironmentView[], all: number): Headline {
  const reasons = new Set(unreadable.map(({ notices }) => notices[0]?.text.split(': ').at(-1) ?? 'unknown'));
  const name = unreadable.length === 1 && all > 1 ? unreadable[0]!.json.name : null;
  const reason = reasons.size === 1 ? `${capitalised([...reasons][0]!)}: ` : '';
  return { level: 'unreadable', text: `${reason}${name ?? counted(unreadable.length)} not readable`, name };
}

/** Nothing fires, nothing is about to, and no problem is known. */
function withoutProblem(views: readonly EnvironmentView[], judgement: Judgement): Headline {
  const youth = youthText(judgement);
  const [known, since] = youth === null ? ['', ''] : ['known ', ` ${youth}`];
  const of = (wanted: Level) => views.filter(({ level }) => level === wanted).length;
  for (const level of ['starting', 'unjudged'] as const) {
    if (of(level) === 0) continue;
    const isAll = of(level) === views.length || !isCurrent(judgement.report, judgement.now);
    const others = isAll ? '.' : `, and no ${known}alert is firing for the others.${since}`;
    return { level, text: `${of(level)} of ${counted(views.length)} ${LEVELS[level].word.toLowerCase()}${others}` };
  }
  const noticed = of('notice');
  const notices = `${noticed} of ${counted(views.length)} ${noticed === 1 ? 'has a notice' : 'have notices'}.`;
  // An alert that this process cannot know of may be firing.
  if (noticed > 0 || youth !== null) {
    return { level: 'notice', text: `No ${known}alert is firing.${noticed > 0 ? ` ${notices}` : ''}${since}` };
  }
  const text = views.length === 1 ? 'The environment is fine.' : `All ${counted(views.length)} are fine.`;
  return { level: 'ok', text };
}
