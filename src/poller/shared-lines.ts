import type { CancelTimer, Clock } from '../base/clock.ts';
import type { LogFields, Logger } from '../base/logger.ts';

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
