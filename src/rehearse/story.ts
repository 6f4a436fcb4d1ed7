import { counted } from '../base/text.ts';
import { JUST_BEFORE, phaseOf } from '../simulator/agenda.ts';
import type { ExpectedPage, Trouble } from '../simulator/scenario-schema.ts';
import { OF_API, OUTSIDE, type Script } from '../simulator/scenarios.ts';
import type { ConditionEvent, Happening, Subject, TimelineEvent } from './timeline.ts';

/** What happens by itself in a scenario. */
export function happeningsOf(script: Script): readonly Happening[] {
  const { environments, endsAt, expect, happens, connections } = script;
  const event = 'trouble';
  const lives = environments.flatMap(({ name: environment, appears, archived, deleted }) =>
    Object.entries({ appears, 'is archived': archived, 'is deleted': deleted }).flatMap(([what, at]) =>
      at === undefined ? [] : [{ event, at, what, environment } as const],
    ),
  );
  // What a scenario of the simulator is about is often how its environments are, and no trouble of its own.
  const whole = expect === '' ? [] : [{ event, at: 0, what: happens, connection: connections[0]! } as const];
  return [...whole, ...lives, ...toldOf(script)].filter(({ at }) => at >= 0 && at <= endsAt);
}

/** What troubles say of themselves, for each environment, or once for a connection. */
function toldOf({ troubles, environments, endsAt }: Script): readonly Happening[] {
  return troubles.flatMap(({ trouble, environments: ids, connections, isNarrow }) => {
    const own = environments.filter(({ id }) => ids.includes(id)).map(({ name }) => ({ environment: name }));
    const isOfConnections = OF_API.test(trouble.kind) && !isNarrow;
    const subjects: readonly Subject[] = isOfConnections ? connections.map((connection) => ({ connection })) : own;
    const what = wordsForTrouble(trouble);
    const about = OUTSIDE.test(trouble.kind) ? [{}] : subjects;
    const told: Happening[] = [];
    for (let { next: at } = phaseOf(trouble, -JUST_BEFORE); at <= endsAt; at = phaseOf(trouble, at).next) {
      const event = phaseOf(trouble, at).isActive ? 'trouble' : 'repair';
      told.push(...about.map((subject) => ({ event, at, what, ...subject }) as const));
    }
    return told;
  });
}

const SCOPE: ReadonlySet<string> = new Set(['from', 'to', 'environments', 'connections']);

function wordsForTrouble({ kind, ...params }: Trouble): string {
  const shown = Object.entries(params).filter(
    ([key, value]) => !SCOPE.has(key) && value !== undefined && !(key === 'share' && value === 1),
  );
  const text = shown.map(([key, value]) => `${key.replaceAll('_', ' ')} ${String(value)}`).join(', ');
  return kind.replaceAll('_', ' ') + (text === '' ? '' : ` (${text})`);
}

/** The timeline as a story: a paragraph per environment and connection, a line per event. */
export function storyOf(
  { happens: title, endsAt, seed }: Pick<Script, 'happens' | 'endsAt' | 'seed'>,
  events: readonly TimelineEvent[],
): string {
  const subjects = Map.groupBy(events, ({ environment, connection }) =>
    environment !== undefined
      ? `Environment ${environment}`
      : connection === undefined
        ? 'The exporter'
        : `Connection ${connection}`,
  );
  const paragraphs = [...subjects].map(([subject, own]) => [`${subject}:`, ...own.map(lineOf)].join('\n'));
  const fired = events.filter((one): one is ConditionEvent => one.event === 'page');
  const pages = fired.filter(({ severity }) => severity === 'critical').length;
  const all = [counted(pages, ['page', 'pages']), counted(fired.length - pages, ['ticket', 'tickets'])].join(', ');
  return `${[`${title}: ${endsAt / 60} minutes, seed ${seed}`, ...paragraphs, `In all: ${all}.`].join('\n\n')}\n`;
}

function lineOf(event: TimelineEvent): string {
  return `  ${clockTime(event.at)}  ${wordsOf(event)}`;
}

function wordsOf(event: TimelineEvent): string {
  if ('what' in event) return `${event.event === 'trouble' ? '>>' : '<<'} ${event.event}: ${event.what}`;
  const { condition, severity, alert, evidence, explained_by: cause, paged } = event;
  const because = evidence === '' ? '' : `: ${evidence}`;
  switch (event.event) {
    case 'begin':
      return `   ${condition} (${severity}) begins${because}${cause === undefined ? '' : `; ${cause} explains it`}`;
    case 'page':
      return `!! ${severity === 'critical' ? 'PAGE' : 'TICKET'} ${alert} (${severity})${because}`;
    case 'end':
      return paged ? `ok ${alert} (${severity}) ends` : `   ${condition} (${severity}) is over, and nobody was told`;
  }
}

function clockTime(seconds: number): string {
  const whole = Math.round(seconds);
  return `${String(Math.floor(whole / 60)).padStart(3)}:${String(whole % 60).padStart(2, '0')}`;
}

/** What is told otherwise than the scenario expects, a sentence each; empty where it expects nothing. */
export function unexpected(
  { file, endsAt }: Pick<Script, 'file' | 'endsAt'>,
  events: readonly TimelineEvent[],
): readonly string[] {
  if (file.expect === undefined) return [];
  const told = events.filter((one): one is ConditionEvent => 'condition' in one);
  const left = new Set(told.filter(({ event }) => event === 'page'));
  const missing = file.expect.pages.flatMap((one): readonly string[] => {
    const page = [...left].find((candidate) => isOf(one, candidate));
    if (page === undefined) return one.optional ? [] : [`${nameOf(one)} was not told`];
    left.delete(page);
    const end = told.find(
      ({ event, at, ...other }) => event === 'end' && at > page.at && nameOf(other) === nameOf(page),
    );
    const { from, to = endsAt, ended_by: endedBy = Infinity } = one;
    const ended = end === undefined ? 'never' : `in minute ${minutes(end.at)}`;
    const when = `in minute ${minutes(page.at)}, not between ${minutes(from)} and ${minutes(to)}`;
    return [
      ...(page.at < from || page.at > to ? [`${nameOf(one)} was told ${when}`] : []),
      ...((end?.at ?? Infinity) > endedBy ? [`${nameOf(one)} ended ${ended}, not by ${minutes(endedBy)}`] : []),
    ];
  });
  const more = [...left].map((page) => `${nameOf(page)} was told in minute ${minutes(page.at)}: ${page.evidence}`);
  return [...missing, ...more];
}

function isOf({ condition, severity, environment, connection }: ExpectedPage, page: ConditionEvent): boolean {
  return (
    page.condition === condition &&
    (severity ?? page.severity) === page.severity &&
    (environment ?? page.environment) === page.environment &&
    (connection ?? page.connection) === page.connection
  );
}

type Named = Pick<ExpectedPage, 'condition' | 'severity' | 'environment' | 'connection'>;

function nameOf({ condition, severity, environment, connection }: Named): string {
  const subject = environment ?? connection;
  return [condition, severity && `(${severity})`, subject && `of ${subject}`].filter(Boolean).join(' ');
}

function minutes(seconds: number): number {
  return Math.round(seconds / 6) / 10;
}
