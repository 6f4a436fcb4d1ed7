import type { CancelTimer, Clock } from '../base/clock.ts';
import type { LogFields, Logger } from '../base/logger.ts';

/** This many changes of one kind get a line each; those that follow share one. */
const SINGLE_LINES = 10;
/** How long changes are collected for a shared line, ms: long enough for a whole fleet to be read once. */
const WINDOW_MS = 30_000;
/** Log collectors cut long lines, often at 16 KiB. */
const MOST_IDS = 200;

/** What may happen to many at once: the line of one, and the line that many share. */
const CHANGES = {
  failing: {
    level: 'warn',
    one: [{ event: 'environment.failing' }, 'environment cannot be read'],
    many: [{ event: 'environments.failing' }, 'environments cannot be read'],
  },
  recovered: {
    level: 'info',
    one: [{ event: 'environment.recovered' }, 'environment can be read again'],
    many: [{ event: 'environments.recovered' }, 'environments can be read again'],
  },
  rejected: {
    level: 'warn',
    one: [{ event: 'credential.rejected' }, 'the API refuses the key'],
    many: [{ event: 'credentials.rejected' }, 'the API refuses keys'],
  },
  accepted: {
    level: 'info',
    one: [{ event: 'credential.accepted' }, 'the API takes the key again'],
    many: [{ event: 'credentials.accepted' }, 'the API takes keys again'],
  },
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
    const { environment_id: id, operation } = fields;
    const isOfSame = (held: Fields) => held.environment_id === id && held.operation === operation;
    for (const group of this.#groups.values()) if (group.held.some(isOfSame)) this.#tell(group);
    const key = JSON.stringify([kind, connection, fields.reason]);
    const group = this.#groups.get(key) ?? { kind, connection, single: 0, held: [] };
    this.#groups.set(key, group);
    this.#cancelTimer ??= this.#clock.setTimer(WINDOW_MS, () => this.#tellAll());
    const isHeld = group.single++ >= SINGLE_LINES;
    if (isHeld) group.held.push(fields);
    const [event, message] = CHANGES[kind].one;
    this.#logger[isHeld ? 'debug' : CHANGES[kind].level]({ ...event, ...fields }, message);
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

  /** With what holds for all: the earliest start, the longest outage, and the key and remedy if they are the same. */
  #tell({ kind, connection, held }: Group): void {
    if (held.length === 0) return;
    const all = held.splice(0);
    const valuesOf = (name: string) =>
      [...new Set(all.map((fields) => fields[name]))].filter((value) => value !== undefined);
    const onlyOf = (name: string) => (valuesOf(name).length === 1 ? valuesOf(name)[0] : undefined);
    const [ids, operations, outages] = [valuesOf('environment_id'), valuesOf('operation'), valuesOf('outage_seconds')];
    const fields = {
      connection,
      reason: onlyOf('reason'),
      environments: ids.length,
      operations: operations.length > 0 ? operations.toSorted() : undefined,
      since: valuesOf('since').toSorted()[0],
      longest_outage_seconds: outages.length > 0 ? Math.max(...outages.map(Number)) : undefined,
      credential: onlyOf('credential'),
      remedy: onlyOf('remedy'),
      environment_ids: ids.slice(0, MOST_IDS),
    };
    const known = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
    const [event, message] = CHANGES[kind].many;
    this.#logger[CHANGES[kind].level]({ ...event, ...known }, message);
  }
}
