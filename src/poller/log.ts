import type { CancelTimer, Clock, EpochMs } from '../base/clock.ts';
import type { LogFields, Logger } from '../base/logger.ts';
import type { Environment, Operation } from '../domain/environment.ts';
import { CHAIN_BROKEN_REMEDY, failureFields, RATE_LIMITED_REMEDY, ROOMLESS_REMEDY } from '../domain/failure.ts';
import type { EnvironmentState, ItemsSnapshot } from '../state/environment-state.ts';
import type { StretchFactors } from './scheduler.ts';

/** This many changes of one kind get a line each; those that follow share one. */
const SINGLE_LINES = 10;
/** How long changes are collected for a shared line, ms: long enough for a whole fleet to be read once. */
const WINDOW_MS = 30_000;
/** Log collectors cut long lines, often at 16 KiB. */
const MOST_IDS = 200;

/** What may happen to many at once: the event of one, and that which many share. */
const CHANGES = {
  failing: ['warn', { event: 'environment.failing' }, { event: 'environments.failing' }, 'cannot be read'],
  recovered: ['info', { event: 'environment.recovered' }, { event: 'environments.recovered' }, 'can be read again'],
  rejected: ['warn', { event: 'credential.rejected' }, { event: 'credentials.rejected' }, 'the API refuses the key'],
  accepted: [
    'info',
    { event: 'credential.accepted' },
    { event: 'credentials.accepted' },
    'the API takes the key again',
  ],
} as const;

type Kind = keyof typeof CHANGES;

/** What happened to an environment, or to its key: what is logged of it alone. */
type Fields = LogFields & { readonly environment_id: string; readonly operation?: string | undefined };

interface Group {
  readonly kind: Kind;
  readonly connection: string;
  single: number;
  /** What has no line yet. */
  held: Fields[];
}

/**
 * Keeps an outage of many environments from filling the log. Of the changes of one kind, connection and reason, the first
 * ten have a line each, at once; those that follow share a line at the end of each half minute until none follow. At level
 * `debug` they have their own, too. The events of one environment are always logged in their order.
 */
export class SharedLines {
  readonly #groups = new Map<string, Group>();
  readonly #logger: Logger;
  readonly #clock: Clock;
  #cancelTimer: CancelTimer | null = null;

  constructor(logger: Logger, clock: Clock) {
    this.#logger = logger;
    this.#clock = clock;
  }

  add(kind: Kind, connection: string, fields: Fields): void {
    const { environment_id: id, operation, reason } = fields;
    const isOfSame = (held: Fields) => held.environment_id === id && held.operation === operation;
    for (const group of this.#groups.values()) if (group.held.some(isOfSame)) this.#tell(group);
    const key = JSON.stringify([kind, connection, reason]);
    const group = this.#groups.get(key) ?? { kind, connection, single: 0, held: [] };
    this.#groups.set(key, group);
    this.#cancelTimer ??= this.#clock.setTimer(WINDOW_MS, () => this.#tellAll());
    const isHeld = group.single++ >= SINGLE_LINES;
    if (isHeld) group.held.push(fields);
    const [level, event, , message] = CHANGES[kind];
    this.#logger[isHeld ? 'debug' : level]({ ...event, ...fields }, message);
  }

  /** Logs what is held, at the end of the process. */
  end(): void {
    for (const group of this.#groups.values()) this.#tell(group);
    this.#groups.clear();
    this.#cancelTimer?.();
  }

  #tellAll(): void {
    for (const [key, group] of this.#groups) {
      if (group.held.length === 0) this.#groups.delete(key);
      this.#tell(group);
    }
    this.#cancelTimer = this.#groups.size === 0 ? null : this.#clock.setTimer(WINDOW_MS, () => this.#tellAll());
  }

  /** With what holds for all: the earliest start, the longest outage, and the remedy of the first. */
  #tell({ kind, connection, held }: Group): void {
    const [first] = held;
    if (first === undefined) return;
    const valuesOf = (name: string) => [...new Set(held.flatMap((fields) => fields[name] ?? []))];
    const [ids, since, outages] = [valuesOf('environment_id'), valuesOf('since'), valuesOf('outage_seconds')];
    held.length = 0;
    const { reason, remedy } = first;
    const times = {
      ...(since.length > 0 && { since: since.toSorted()[0] }),
      ...(outages.length > 0 && { longest_outage_seconds: Math.max(...outages.map(Number)) }),
    };
    const fields = { connection, ...(reason !== undefined && { reason }), environments: ids.length, ...times };
    const [level, , event, message] = CHANGES[kind];
    const shared = { ...event, ...fields, ...(remedy !== undefined && { remedy }) };
    this.#logger[level]({ ...shared, environment_ids: ids.slice(0, MOST_IDS) }, message);
  }
}

export type PollLog = ReturnType<typeof createPollLog>;

/** One line when an environment starts or stops failing, or fails for another reason, which many may share; none for routine. */
export function createPollLog(logger: Logger, shared: SharedLines) {
  return {
    /** A poll has ended and its result is in the state. */
    pollEnded(operation: Operation, before: EnvironmentState | undefined, after: EnvironmentState | undefined): void {
      if (after === undefined) return;
      const was = before?.operations[operation].failure ?? null;
      const { failure: is, lastSuccessAt, credential } = after.operations[operation];
      const { connection } = after.environment;
      if (operation === 'list' && after.items !== null)
        logList(logger, before?.items ?? null, after.items, fieldsOf(after));
      if (is !== null && is.reason !== was?.reason) {
        const since = new Date(is.since).toISOString();
        shared.add('failing', connection, { ...fieldsOf(after), operation, credential, ...failureFields(is), since });
      }
      if (is !== null || was === null) return;
      // Both are wall times: the clock may have been set back meanwhile.
      const seconds = Math.round(Math.max((lastSuccessAt ?? was.since) - was.since, 0) / 100) / 10;
      const fields = { ...fieldsOf(after), operation, reason: was.reason, outage_seconds: seconds };
      shared.add('recovered', connection, fields);
    },
    /** The intervals of a connection were fitted to its budget. */
    intervalsScaled(connection: string, before: StretchFactors, after: StretchFactors): void {
      const [was, is] = [before.idle, after.idle];
      const round = (factor: number) => Math.round(factor * 100) / 100;
      const fields = { connection, stretch_factor_idle: round(after.idle), stretch_factor_active: round(after.active) };
      if (was === 1 && is > 1) {
        const remedy = 'Raise requests_per_minute, or watch fewer environments or less often.';
        const line = { event: 'budget.stretched', ...fields, remedy };
        logger.warn(line, 'the budget is too small for the configured intervals');
      }
      if (was > 1 && is === 1) logger.info({ event: 'budget.relaxed', ...fields }, 'the budget is enough again');
    },
    /** The API answered 429: nothing is read through the connection until then. */
    connectionPaused(connection: string, until: EpochMs): void {
      const fields = { event: 'connection.paused', connection, until: new Date(until).toISOString() };
      logger.warn({ ...fields, remedy: RATE_LIMITED_REMEDY }, 'the API answers 429: reads are paused');
    },
    connectionResumed(connection: string): void {
      logger.info({ event: 'connection.resumed', connection }, 'the API takes requests again');
    },
    /** The list is no longer as scans had learned, so all of it is read again. */
    listRescanned({ id, name }: Environment, reason: string): void {
      const fields = { event: 'list.surprise', environment_id: id, environment_name: name, reason };
      logger.info(fields, 'the list has what reads have not shown; the whole of it is read');
    },
    /** No poll ends after this: logs the changes that are still collected for a shared line. */
    end: (): void => shared.end(),
  };
}

function fieldsOf({ environment: { id, name } }: EnvironmentState) {
  return { environment_id: id, environment_name: name };
}

/** What has changed about how the list of an environment can be read. */
function logList(logger: Logger, was: ItemsSnapshot | null, is: ItemsSnapshot, about: LogFields): void {
  const fields = { ...about, operation: 'list' };
  if (is.mode !== (was?.mode ?? 'whole')) {
    logger.info({ event: 'list.order_learned', ...fields, order: is.mode }, 'the order of the list is now known');
  }
  if (is.lastFullRead?.truncated !== true || was?.lastFullRead?.truncated === true) return;
  const { pages, items, roomless, chainBroken } = is.lastFullRead;
  const tell = (what: string, remedy: string) =>
    logger.warn({ event: 'list.truncated', ...fields, pages, items, remedy }, what);
  if (roomless === true) tell('the list shows more items than the exporter has memory for', ROOMLESS_REMEDY);
  else if (chainBroken === true) tell("the list's pages do not lead to its end", CHAIN_BROKEN_REMEDY);
  else tell('the list is longer than poll.max_list_pages', 'Raise poll.max_list_pages of the environment.');
}
