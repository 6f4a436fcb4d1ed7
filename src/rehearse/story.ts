import type { Script } from '../simulator/script.ts';
import type { ConditionEvent, TimelineEvent } from './timeline.ts';

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
  const all = `${counted(pages, 'page')}, ${counted(fired.length - pages, 'ticket')}`;
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

function counted(count: number, what: string): string {
  return `${count === 0 ? 'no' : count} ${what}${count === 1 ? '' : 's'}`;
}
