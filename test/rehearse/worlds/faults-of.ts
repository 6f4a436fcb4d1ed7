import { play } from '../../../src/rehearse/play.ts';
import type { ConditionEvent, TimelineEvent } from '../../../src/rehearse/timeline.ts';
import { scenarioSchema } from '../../../src/simulator/scenario-schema.ts';
import { scriptOf } from '../../../src/simulator/scenarios.ts';
import type { Happening, RandomWorld } from './random-world.ts';
import type { Trouble } from './troubles.ts';

/**
 * From when it can be seen that the trouble is over: a backoff of a minute, as long as a page waits for a crash loop, and the two
 * minutes between two looks of the rules at what was said last.
 */
const PAGE_OVER_WITHIN_MINUTES = 9.5;
/** The last worker that died is seen to be gone up to three minutes later, and six more without another one have to pass. */
const LOSSES_OVER_WITHIN_MINUTES = 11.5;
/** What went wrong just before the repair is read half a minute later, has to last for a minute, and is scraped and judged by the rules. */
const UNDER_WAY_MINUTES = 3;
/** What only the list shows ends only while it can be read. */
const OF_LIST = /^(?:runs_lost|nothing_starts|fleets_failing)$/;
/** A replica that reads every four minutes sees an end so much later. */
const SLOW_BEHIND_MINUTES = 5;
/** Whoever starts anew has to see for so long that it is over. */
const ENDS_ANEW_MINUTES = 3;
/** A ticket wakes nobody: it may count what happened in half an hour. */
const TICKET_OVER_WITHIN_MINUTES = 40;
/** A lease of five minutes ends, and what came back again has lasted and is scraped. */
const NO_NEW_TICKET_AFTER_MINUTES = 8;
/** For so long the rules keep what was said last: the window of src/rules/condition-rules.ts. */
const FORGOTTEN_AFTER_MINUTES = 30;
/** Longer than any page needs. */
const SEEN_MINUTES = 16;

/** An alert from when it fires to when it ends, in minutes; `to` is null while it fires. */
interface Spell {
  readonly condition: string;
  readonly severity: string;
  readonly environment: string | undefined;
  readonly from: number;
  to: number | null;
}

export interface PlayedWorld {
  readonly events: readonly TimelineEvent[];
  /** What is wrong with what was told; empty: nothing. */
  readonly faults: readonly string[];
}

export async function playWorld(world: RandomWorld): Promise<PlayedWorld> {
  const rehearsal = scriptOf(scenarioSchema.parse(world.scenario), { name: world.name });
  const played = await play(rehearsal, { env: {} });
  if (!played.ok) throw new Error(JSON.stringify(played.problems));
  return { events: played.events, faults: faultsOf(world, spellsIn(played.events)) };
}

function spellsIn(events: readonly TimelineEvent[]): readonly Spell[] {
  const spells: Spell[] = [];
  const open = new Map<string, Spell>();
  for (const event of events) {
    if (event.event !== 'page' && event.event !== 'end') continue;
    const { condition, severity, environment, at }: ConditionEvent = event;
    const key = JSON.stringify([condition, severity, environment, event.connection]);
    if (event.event === 'page') {
      const spell: Spell = { condition, severity, environment, from: at / 60, to: null };
      open.set(key, spell);
      spells.push(spell);
    } else if (event.paged) open.get(key)!.to = at / 60;
  }
  return spells;
}

function faultsOf(world: RandomWorld, spells: readonly Spell[]): readonly string[] {
  const pages = spells.filter(({ severity }) => severity === 'critical');
  const tickets = spells.filter(({ severity }) => severity !== 'critical');
  const alike = Map.groupBy(tickets, ({ condition, environment }) => `${condition} ${environment ?? ''}`);
  const isOnce = world.happenings.every(
    ({ trouble }) => trouble.isOneTicket || (trouble.page === null && trouble.mayTicket === undefined),
  );
  const most = (isOnce ? 1 : 2) + (world.forgets ? 1 : 0);
  const again = [...alike].filter(([, { length }]) => length > most);
  return [
    ...new Set([
      ...pages.flatMap((page) => wrongWithPage(world, page)),
      ...tickets.flatMap((ticket) => wrongWithTicket(world, ticket)),
      ...again.map(([ticket, { length }]) => `${length} tickets: ${ticket}`),
      ...world.happenings.flatMap((one) => wrongWithTelling(world, one, pages)),
    ]),
  ];
}

function wrongWithPage(world: RandomWorld, { condition, from, to, environment }: Spell): readonly string[] {
  const causes = world.happenings.filter((one) => pagesOf(world, one).includes(condition));
  if (causes.length === 0) return [`paged for ${condition}`];
  const isOfAll =
    environment === undefined || causes.some(({ name, trouble }) => trouble.hides !== undefined && name !== 'nothing');
  const over = Math.max(...causes.map((one) => seenOver(world, one, OF_LIST.test(condition))));
  const usually = /^(?:runs_lost|fleets_failing)$/.test(condition)
    ? LOSSES_OVER_WITHIN_MINUTES
    : PAGE_OVER_WITHIN_MINUTES;
  const isRestarted = world.restarts.some((at) => at > over && at < over + usually);
  const overWithin = usually + (world.hasSlowReplica ? SLOW_BEHIND_MINUTES : 0) + (isRestarted ? ENDS_ANEW_MINUTES : 0);
  return [
    ...(isOfAll || world.troubled.includes(environment) ? [] : [`${condition} of a healthy environment`]),
    ...(from < Math.min(...causes.map(({ begins }) => begins)) ? [`${condition} before anything was wrong`] : []),
    ...(from > over + UNDER_WAY_MINUTES ? [`a page after the repair: ${condition}`] : []),
    ...((to ?? world.minutes) > over + overWithin ? [`${condition} does not end`] : []),
  ];
}

function wrongWithTicket(world: RandomWorld, { condition, from, to }: Spell): readonly string[] {
  const { happenings } = world;
  const isAllowed = happenings.some(({ trouble: { page, mayPage, mayTicket } }) =>
    page === null && mayPage === undefined ? mayTicket?.some((one) => one === condition) : true,
  );
  const over = Math.max(...happenings.map((one) => seenOver(world, one)));
  return [
    ...(isAllowed ? [] : [`a ticket for nothing: ${condition}`]),
    ...(from < Math.min(...happenings.map(({ begins }) => begins)) ? [`${condition} before anything was wrong`] : []),
    ...(from > over + NO_NEW_TICKET_AFTER_MINUTES ? [`a ticket after the repair: ${condition}`] : []),
    ...((to ?? world.minutes) > over + TICKET_OVER_WITHIN_MINUTES ? [`the ticket ${condition} does not end`] : []),
  ];
}

function wrongWithTelling(world: RandomWorld, one: Happening, pages: readonly Spell[]): readonly string[] {
  const told = pages.filter(({ condition }) => pagesOf(world, one).includes(condition));
  const alike = world.happenings.filter((other) =>
    pagesOf(world, other).some((page) => pagesOf(world, one).includes(page)),
  );
  const counts = Map.groupBy(told, ({ environment }) => environment ?? 'the connection');
  // A key that the exporter shares with the workers explains both.
  const isExplained = pages.some(({ condition }) =>
    world.happenings.some(({ trouble }) => trouble.mayPage?.some((may) => may === condition)),
  );
  const isUnnoticed = one.trouble.isFineIfSeldom && world.hasSlowReplica;
  const isMissing =
    one.trouble.page !== null && told.length === 0 && !isExplained && !isUnnoticed && isSeen(world, one);
  // What nobody has confirmed for half an hour has ended, and pages once more when it is seen again.
  const forgotten = world.happenings.filter(
    (other) => other !== one && hides(other, one.trouble) && other.ends - other.begins >= FORGOTTEN_AFTER_MINUTES,
  );
  const most = alike.length + forgotten.length;
  const ofConnection = counts.get('the connection') ?? [];
  return [
    ...(isMissing ? [`no page: ${one.name}`] : []),
    ...[...counts.values()]
      .filter(({ length }) => length > most)
      .map((all) => `more than one page: ${all.map(({ condition }) => condition)}`),
    ...(ofConnection.length > 0 && told.length - ofConnection.length > 1 && one.trouble.hides === 'all'
      ? [`${told.length} pages for ${one.name}`]
      : []),
  ];
}

function pagesOf({ troubled }: RandomWorld, { trouble }: Happening): readonly string[] {
  const own = [...(trouble.page ?? []), ...(trouble.mayPage ?? [])];
  // Fleets that fail together are one page.
  const mayFailTogether = troubled.length > 1 && (own.includes('no_workers') || own.includes('runs_lost'));
  return mayFailTogether ? [...own, 'fleets_failing'] : own;
}

/** When one could see at the earliest that it is over; what the list shows, not while it cannot be read. */
function seenOver(world: RandomWorld, { ends, trouble }: Happening, isOfList = false): number {
  const { happenings, longestRunMinutes } = world;
  if (trouble.lasts) return Number.POSITIVE_INFINITY;
  const hiding = happenings.find((one) => {
    const isHidden = hides(one, trouble) || (isOfList && one.trouble.hides === 'list');
    return isHidden && one.begins <= ends + PAGE_OVER_WITHIN_MINUTES;
  });
  return Math.max(ends, hiding?.ends ?? ends) + (trouble.endsWithRuns ? Math.max(3.5, longestRunMinutes) : 0);
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
