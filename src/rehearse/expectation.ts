import type { ExpectedPage } from '../simulator/scenario-schema.ts';
import type { Script } from '../simulator/script.ts';
import type { ConditionEvent, TimelineEvent } from './timeline.ts';

/** What is told otherwise than the scenario expects, a sentence each; empty where it expects nothing. */
export function unexpected(
  { file, endsAt }: Pick<Script, 'file' | 'endsAt'>,
  events: readonly TimelineEvent[],
): readonly string[] {
  if (file.expect === undefined) return [];
  const pages = events.filter((one): one is ConditionEvent => one.event === 'page');
  const expected = file.expect.pages;
  const used = new Set<ConditionEvent>();
  const missing = expected.flatMap((one): readonly string[] => {
    const page = pages.find((candidate) => !used.has(candidate) && isOf(one, candidate));
    if (page === undefined) return one.optional ? [] : [`${nameOf(one)} was not told`];
    used.add(page);
    const end = events.find((event) => event.event === 'end' && event.at > page.at && sameAs(page, event));
    const latest = one.to ?? endsAt;
    const isLate = one.ended_by !== undefined && (end?.at ?? Infinity) > one.ended_by;
    const ended = end === undefined ? 'never' : `in minute ${minutes(end.at)}`;
    const between = `between ${minutes(one.from)} and ${minutes(latest)}`;
    return [
      page.at < one.from || page.at > latest
        ? [`${nameOf(one)} was told in minute ${minutes(page.at)}, not ${between}`]
        : [],
      isLate ? [`${nameOf(one)} ended ${ended}, not by ${minutes(one.ended_by!)}`] : [],
    ].flat();
  });
  const more = pages
    .filter((page) => !used.has(page))
    .map((page) => `${nameOf(page)} was told in minute ${minutes(page.at)}: ${page.evidence}`);
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

function sameAs(page: ConditionEvent, event: TimelineEvent): boolean {
  return (
    event.event === 'end' &&
    event.condition === page.condition &&
    event.severity === page.severity &&
    event.environment === page.environment &&
    event.connection === page.connection
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
