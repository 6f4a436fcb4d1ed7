import { counted } from '../base/text.ts';
import { CONDITIONS } from '../diagnosis/conditions.ts';
import { type DiagnosisReport, gravestFirst, isCurrent, troubles } from '../diagnosis/report.ts';
import { OPERATIONS } from '../domain/environment.ts';
import { type ConditionJson, conditionJson, type EnvironmentJson, type JsonContext } from './environment-json.ts';
import { durationText, type Html, html, timeHtml } from './page.ts';
import type { ExporterProblem } from './server-deps.ts';

/** How an environment, or all of them, do, the worst first; word and sign say it to those who see no colours. */
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

type Judgement = Pick<JsonContext, 'report' | 'now'>;

/** An environment as the pages show it: what the JSON says of it, and how it does. */
export interface EnvironmentView {
  readonly json: EnvironmentJson;
  /** What is wrong with it, the gravest first; what another condition explains stands with that one. */
  readonly conditions: readonly ConditionJson[];
  /** What is wrong with its connection and concerns it. */
  readonly ofConnection: readonly ConditionJson[];
  /** Why its numbers are unknown or incomplete. */
  readonly notices: readonly ExporterProblem[];
  readonly level: Level;
}

export function environmentView(json: EnvironmentJson, context: Judgement): EnvironmentView {
  const conditions = json.conditions.filter(({ state }) => state !== 'explained');
  const ofConnection = gravestFirst(context.report.connections.get(json.connection) ?? [])
    .filter(({ environments, phase }) => environments.includes(json.id) && phase !== 'explained')
    .map(conditionJson);
  const view = { json, conditions, ofConnection, notices: noticesOf(json) };
  return { ...view, level: levelOf(view, context) };
}

/** The most severe first; within a level, the one that has waited longest. */
export function worseFirst(one: EnvironmentView, other: EnvironmentView): number {
  const byLevel = LEVEL_NAMES.indexOf(one.level) - LEVEL_NAMES.indexOf(other.level);
  const waits = ({ json: { queue } }: EnvironmentView) => queue?.oldest_age_seconds ?? 0;
  return byLevel || waits(other) - waits(one) || (other.json.queue?.depth ?? 0) - (one.json.queue?.depth ?? 0);
}

function levelOfCondition({ state, severity }: ConditionJson): Level {
  if (state === 'explained') return 'notice';
  return state === 'pending' ? 'pending' : severity;
}

/** The gravest of its conditions, of which not readable is one; fine only if it is known that nothing pages. */
function levelOf(view: Omit<EnvironmentView, 'level'>, { report, now }: Judgement): Level {
  const { json, conditions, ofConnection, notices } = view;
  const levels = [...ofConnection, ...conditions].map(levelOfCondition);
  if (levels.includes('critical')) return 'critical';
  if (json.status === 'blind' || json.status === 'misconfigured') return 'unreadable';
  if (levels.includes('warning')) return 'warning';
  if (levels.includes('pending')) return 'pending';
  if (json.status === 'starting') return 'starting';
  if (notices.length > 0) return 'notice';
  const judged = report.environments.get(json.id) ?? [];
  const isKnown = judged.every(({ severity, value }) => severity !== 'critical' || value !== null);
  return isCurrent(report, now) && judged.length > 0 && isKnown ? 'ok' : 'unjudged';
}

/** What no condition says, or not at once. */
function noticesOf({ status, queue, operations }: EnvironmentJson): readonly ExporterProblem[] {
  const errors = OPERATIONS.flatMap((name) => {
    const { error } = operations[name];
    return error === null ? [] : { text: `${name} ${failureText(error.reason, error.http_status)}`, ...error };
  });
  if (errors.length > 0) {
    return [{ text: `reads fail: ${errors.map(({ text }) => text).join(', ')}`, remedy: errors.at(-1)!.remedy }];
  }
  if (queue !== null && queue.oldest_age_seconds === null) {
    const waiting = counted(queue.depth + queue.pending, ['item waits', 'items wait']);
    const text = `${waiting}, and the API does not say since when: no alert on the age of the queue can fire`;
    return [{ text, remedy: 'Compare oldest_queued_at of work/stats with the clock, and look for an update.' }];
  }
  if (status === 'ok' || status === 'starting') return [];
  const remedy = 'It has no key, its list is too long, or the API limits requests: its JSON and the log say more.';
  return [{ text: 'some of its numbers are not known now', remedy }];
}

/** Why a read failed, without the text of the API: it may be long and name a key. */
export function failureText(reason: string, httpStatus: number | null): string {
  return httpStatus === null ? reason : `${reason} (${httpStatus})`;
}

/** Says that nobody judges any more: that nothing is shown then means nothing. Empty while somebody does. */
export function stoppedNotice(report: DiagnosisReport, now: number): readonly ExporterProblem[] {
  if (report.at === null || isCurrent(report, now)) return [];
  const ago = durationText((now - report.at) / 1000);
  return [
    {
      text: `the environments were last judged ${ago} ago: an alert may fire that is not shown here`,
      remedy: 'Ask Prometheus what fires. The log of the exporter says why; restart it.',
    },
  ];
}

/** `known`, as long as there is a condition that nobody can tell: its alert may be firing. */
export function knownWord({ environments, connections }: DiagnosisReport): string {
  const all = [...environments.values(), ...connections.values()].flat();
  return all.some(({ value }) => value === null) ? 'known ' : '';
}

/** Conditions of one kind in one state: shown once, however many environments have them. */
export interface Trouble {
  readonly first: ConditionJson;
  readonly conditions: readonly ConditionJson[];
  /** One line. */
  readonly text: string;
}

/** The gravest first. */
export function troublesOf(report: DiagnosisReport): readonly Trouble[] {
  const shown = troubles(report).filter(({ phase }) => phase !== 'explained');
  const kinds = Map.groupBy(shown, ({ name, severity, phase, subject }) =>
    [name, severity, phase, subject.kind === 'connection' && subject.name].join(' '),
  );
  return [...kinds.values()].map((found) => {
    const conditions = found.map(conditionJson);
    const [first] = conditions as [ConditionJson];
    const { summary } = CONDITIONS[first.condition];
    return { first, conditions, text: found.length === 1 ? textOf(first) : `${counted(found.length)}: ${summary}` };
  });
}

interface HeadlineFacts extends Judgement {
  readonly troubles: readonly Trouble[];
  readonly views: readonly EnvironmentView[];
  /** Of discovery, of the exporter itself, or of the page. */
  readonly problems: readonly ExporterProblem[];
}

/** One sentence about everything, the first thing read at three in the morning: the alert that pages, if one does. */
export function headlineOf(facts: HeadlineFacts): [level: Level, text: string] {
  const { troubles: all, views, problems, report, now } = facts;
  // The gravest first, and what fires before what is pending.
  const firing = all.find(({ first }) => first.state !== 'pending');
  if (firing !== undefined) return sentenceOf(firing, all.length - 1);
  // The raw answer of an API may be long: it comes after the colon, and is shown below the headline.
  const problem = problems[0]?.text.split(': ')[0];
  if (problem !== undefined) return [views.length === 0 ? 'unreadable' : 'warning', capitalised(problem)];
  if (all[0] !== undefined) return sentenceOf(all[0], all.length - 1);
  if (views.length === 0) return ['starting', 'No environment is watched yet.'];
  const known = knownWord(report);
  const environments = counted(views.length);
  for (const level of ['unreadable', 'starting', 'unjudged', 'notice'] as const) {
    const count = views.filter((view) => view.level === level).length;
    if (count === 0) continue;
    const others = isCurrent(report, now) && count < views.length ? `, and no ${known}alert is firing.` : '.';
    return [level, `${count} of ${environments}: ${LEVELS[level].word.toLowerCase()}${others}`];
  }
  // An alert that this process cannot know of may be firing.
  return known === '' ? ['ok', `All fine: ${environments}.`] : ['notice', `No ${known}alert is firing.`];
}

function textOf({ connection, summary }: ConditionJson): string {
  return connection === null ? summary : `Connection ${summary}`;
}

/** The words of a trouble, what shows it, and how many others there are. */
function sentenceOf({ text, first, conditions }: Trouble, more: number): [level: Level, text: string] {
  const evidence = conditions.length === 1 && first.evidence !== '' ? ` — ${first.evidence}` : '';
  const others = more > 0 ? ` (and ${counted(more, ['more alert', 'more alerts'])})` : '';
  const state = first.state === 'firing' ? '' : `${capitalised(first.state)}: `;
  return [levelOfCondition(first), `${state}${text}${evidence}${others}`];
}

/** Sign and word of a level: the sign is for the eye, the word for everybody. */
export function markHtml(level: Level): Html {
  const { word, sign, tone } = LEVELS[level];
  return html`<span class="mark ${tone}"><span class="sign" aria-hidden="true">${sign}</span>${word}</span>`;
}

/** The name of an alert without what all of them begin with. */
export function shortName(alert: string): string {
  return alert.replace(/^AnthropicWork/, '');
}

/** Whether its alert fires, since when, or when it will; or why it does not. */
function stateHtml({ state, since, fires_at: firesAt, explained_by: cause }: ConditionJson, now: number): Html {
  if (state === 'explained') return html`silent, because of ${cause}`;
  const from = since === null ? now : Date.parse(since);
  if (state === 'ending') return html`gone ${timeHtml(from, now)}, its alert is about to end`;
  if (state === 'firing') return html`firing, began ${timeHtml(from, now)}`;
  const fires = firesAt === null ? null : html`, fires ${timeHtml(Math.max(Date.parse(firesAt), now), now)}`;
  return html`began ${timeHtml(from, now)}${fires}`;
}

/** What is wrong, the numbers that show it, its runbook with commands for the environment, and what to do. */
export function conditionLine(
  condition: ConditionJson,
  { environmentId, now, text = textOf(condition), about = null, isBrief = false }: LineDetails,
): Html {
  const { alert, evidence, severity, remedy } = condition;
  const level = levelOfCondition(condition);
  const query = environmentId === null ? '' : `?environment=${encodeURIComponent(environmentId)}`;
  const shown = text !== textOf(condition) || evidence === '' ? null : `: ${evidence}`;
  return html`<li class="${LEVELS[level].tone}" data-key="${`${alert} ${severity} ${text}`}"><p>${markHtml(level)} <strong>${text}</strong>${shown}</p>
<p class="soft"><span class="phase">${stateHtml(condition, now)}</span>&nbsp;· <a class="runbook" href="/runbooks/${alert}${query}">${shortName(alert)} runbook</a></p>${isBrief ? null : html`<p>${remedy}</p>`}${about}</li>`;
}

interface LineDetails {
  readonly environmentId: string | null;
  readonly now: number;
  /** Of several environments, which `about` names. */
  readonly text?: string;
  readonly about?: Html | null;
  /** Without what to do, which the runbook says too. */
  readonly isBrief?: boolean;
}

/** What is wrong without an alert, and what to do. */
export function noticeLine({ text, remedy }: ExporterProblem): Html {
  return html`<li class="idle"><p>${markHtml('notice')} <strong>${capitalised(text)}</strong></p> <p class="soft">${remedy}</p></li>`;
}

/** `text` as the start of a line. */
function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
