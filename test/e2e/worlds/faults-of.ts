import type { Happening, RandomWorld } from './random-world.ts';
import type { Spell } from './spells.ts';
import type { Trouble } from './trouble.ts';
import type { Played } from './world-run.ts';

/** From when it can be seen that the trouble is over: a backoff of a minute, and as long as a page waits for a crash loop. */
const PAGE_OVER_WITHIN_MINUTES = 7.5;
/** A ticket wakes nobody: it may count what happened in half an hour. */
const TICKET_OVER_WITHIN_MINUTES = 40;
const NO_NEW_TICKET_AFTER_MINUTES = 6;
/** Longer than any page needs. */
const SEEN_MINUTES = 16;

/** What becomes of a replica that restarts. */
const OF_EXPORTERS: ReadonlySet<string> = new Set(['ExporterInstanceDown', 'ExporterRestarting']);

/** What is wrong with what was told in a world; empty: nothing. */
export function faultsOf(world: RandomWorld, { spells, troubled }: Played): readonly string[] {
  const isPage = ({ severity }: Spell) => severity === 'critical';
  const pages = spells.filter(isPage);
  const ofPages = pages.flatMap((page) => wrongWithPage(world, page, troubled));
  const tickets = spells.filter((spell) => !isPage(spell) && !isOfExporters(world, spell));
  const ofTickets = tickets.flatMap((ticket) => wrongWithTicket(world, ticket));
  const alike = Map.groupBy(tickets, ({ alert, environmentId, credential }) =>
    [alert, environmentId, credential].join(' '),
  );
  const most = world.happenings.every(
    ({ trouble }) => trouble.isOneTicket || (trouble.page === null && trouble.mayTicket === undefined),
  )
    ? 1
    : 2;
  const again = [...alike]
    .filter(([, { length }]) => length > most)
    .map(([ticket, { length }]) => `${length} tickets: ${ticket}`);
  const ofTroubles = world.happenings.flatMap((one) => wrongWithTelling(world, one, pages));
  return [...new Set([...ofPages, ...ofTickets, ...again, ...ofTroubles])];
}

function wrongWithPage(world: RandomWorld, page: Spell, troubled: Played['troubled']): readonly string[] {
  const { alert, from, to, environmentId } = page;
  const causes = world.happenings.filter((one) => pagesOf(one).includes(alert));
  if (causes.length === 0) return [`paged for ${alert}`];
  const isOfAll = environmentId === null || causes.some(({ trouble }) => trouble.faults !== undefined);
  const over = Math.max(...causes.map((one) => seenOver(world, one)));
  return [
    ...(isOfAll || troubled.includes(environmentId) ? [] : [`${alert} of a healthy environment`]),
    ...(from < Math.min(...causes.map(({ begins }) => begins)) ? [`${alert} before anything was wrong`] : []),
    ...(from > over ? [`a page after the repair: ${alert}`] : []),
    ...((to ?? world.minutes) > over + PAGE_OVER_WITHIN_MINUTES ? [`${alert} does not end`] : []),
  ];
}

/** Whether it tells of what the exporters of this world do by themselves. */
function isOfExporters({ exporters: { replicas } }: RandomWorld, { alert }: Spell): boolean {
  if (alert === 'ConfigDisagrees') return replicas.some(({ differs, isBehind }) => differs || isBehind);
  return OF_EXPORTERS.has(alert) && replicas.some(({ absences }) => absences.length > 0);
}

function wrongWithTicket(world: RandomWorld, { alert, from, to }: Spell): readonly string[] {
  const { happenings } = world;
  const isAllowed = happenings.some(({ trouble: { page, mayPage, mayTicket } }) =>
    page === null && mayPage === undefined ? mayTicket?.some((one) => one === alert) : true,
  );
  const over = Math.max(...happenings.map((one) => seenOver(world, one)));
  return [
    ...(isAllowed ? [] : [`a ticket for nothing: ${alert}`]),
    ...(from < Math.min(...happenings.map(({ begins }) => begins)) ? [`${alert} before anything was wrong`] : []),
    ...(from > over + NO_NEW_TICKET_AFTER_MINUTES ? [`a ticket after the repair: ${alert}`] : []),
    ...((to ?? world.minutes) > over + TICKET_OVER_WITHIN_MINUTES ? [`the ticket ${alert} does not end`] : []),
  ];
}

function wrongWithTelling(world: RandomWorld, one: Happening, pages: readonly Spell[]): readonly string[] {
  const told = pages.filter(({ alert }) => pagesOf(one).includes(alert));
  const alike = world.happenings.filter((other) => pagesOf(other).some((alert) => pagesOf(one).includes(alert)));
  const counts = Map.groupBy(told, ({ environmentId }) => environmentId);
  // A key that the exporter shares with the workers explains both.
  const isExplained = pages.some(({ alert }) =>
    world.happenings.some(({ trouble }) => trouble.mayPage?.some((may) => may === alert)),
  );
  const isUnnoticed = one.trouble.isFineIfSeldom && world.exporters.replicas.some(({ isBehind }) => isBehind);
  const isMissing =
    one.trouble.page !== null && told.length === 0 && !isExplained && !isUnnoticed && isSeen(world, one);
  return [
    ...(isMissing ? [`no page: ${one.name}`] : []),
    ...[...counts.values()]
      .filter(({ length }) => length > alike.length)
      .map((all) => `more than one page: ${all.map(({ alert }) => alert)}`),
  ];
}

function pagesOf({ trouble }: Happening): readonly string[] {
  return [...(trouble.page ?? []), ...(trouble.mayPage ?? [])];
}

/** When one could see at the earliest that it is over. */
function seenOver({ happenings, longestRunMinutes }: RandomWorld, { ends, trouble }: Happening): number {
  if (trouble.lasts) return Number.POSITIVE_INFINITY;
  const hiding = happenings.find((one) => hides(one, trouble) && one.begins <= ends + PAGE_OVER_WITHIN_MINUTES);
  return Math.max(ends, hiding?.ends ?? ends) + (trouble.endsWithRuns ? longestRunMinutes : 0);
}

function hides({ trouble }: Happening, hidden: Trouble): boolean {
  return trouble.hides === 'all' || (trouble.hides === 'list' && hidden.needsList === true);
}

/** Whether it can be seen for long enough without a break. */
function isSeen({ happenings }: RandomWorld, one: Happening): boolean {
  const hiding = happenings.find((other) => other !== one && hides(other, one.trouble));
  if (hiding === undefined) return true;
  const before = Math.min(hiding.begins, one.ends) - one.begins;
  const after = one.ends - Math.max(one.begins, hiding.ends);
  return Math.max(before, after) >= SEEN_MINUTES;
}
