import type { CancelTimer, Clock } from '../base/clock.ts';
import type { LogEvent, LogFields, Logger } from '../base/logger.ts';
import type { Operation } from '../domain/environment.ts';
import type { FailureReason } from '../domain/failure.ts';

/** This many changes of one kind get a line each; those that follow share one. */
const SINGLE_LINES = 10;
/** How long changes are collected for a shared line, ms: long enough for a whole fleet to be read once. */
const WINDOW_MS = 30_000;
/** Log collectors cut long lines, often at 16 KiB. */
const MOST_IDS = 200;

const SHARED = {
  failing: { level: 'warn', event: 'environments.failing', message: 'environments cannot be read' },
  recovered: { level: 'info', event: 'environments.recovered', message: 'environments can be read again' },
  rejected: { level: 'warn', event: 'credentials.rejected', message: 'the API refuses keys' },
  accepted: { level: 'info', event: 'credentials.accepted', message: 'the API takes keys again' },
} as const;

/**
 * That a read of an environment began to fail, fails for another reason, or works again; or that its key is refused or
 * accepted again, which has neither an operation nor a reason.
 */
export interface EnvironmentChange {
  readonly kind: keyof typeof SHARED;
  readonly connection: string;
  readonly environmentId: string;
  readonly operation?: Operation;
  readonly reason?: FailureReason;
  readonly line: LogEvent;
  readonly message: string;
}

interface Group {
  readonly first: EnvironmentChange;
  single: number;
  /** What has no line yet. */
  held: EnvironmentChange[];
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

  add(change: EnvironmentChange): void {
    const { kind, connection, reason, environmentId, operation, line, message } = change;
    const isOfSame = (held: EnvironmentChange) => held.environmentId === environmentId && held.operation === operation;
    for (const group of this.#groups.values()) if (group.held.some(isOfSame)) this.#tell(group);
    const key = JSON.stringify([kind, connection, reason]);
    const group = this.#groups.get(key) ?? { first: change, single: 0, held: [] };
    this.#groups.set(key, group);
    this.#cancelTimer ??= this.#clock.setTimer(WINDOW_MS, () => this.#tellAll());
    if (group.single++ < SINGLE_LINES) this.#logger[SHARED[kind].level](line, message);
    else {
      group.held.push(change);
      this.#logger.debug(line, message);
    }
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

  #tell(group: Group): void {
    const { first, held } = group;
    if (held.length === 0) return;
    group.held = [];
    const { level, event, message } = SHARED[first.kind];
    const ids = [...new Set(held.map(({ environmentId }) => environmentId))];
    const operations = [...new Set(held.flatMap(({ operation }) => operation ?? []))].toSorted();
    const { connection, reason } = first;
    const fields: LogFields = {
      connection,
      reason,
      environments: ids.length,
      operations: operations.length > 0 ? operations : undefined,
      ...inCommon(held.map((change) => change.line)),
      environment_ids: ids.slice(0, MOST_IDS),
    };
    const known = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
    this.#logger[level]({ event, ...known }, message);
  }
}

/** What holds for all of the lines: the earliest start, the longest outage, and the key and remedy if they are the same. */
function inCommon(lines: readonly LogFields[]): LogFields {
  const since = lines.map((line) => line.since).filter((each) => typeof each === 'string');
  const outages = lines.map((line) => line.outage_seconds).filter((each) => typeof each === 'number');
  const same = (name: string) => (lines.every((line) => line[name] === lines[0]![name]) ? lines[0]![name] : undefined);
  return {
    since: since.toSorted()[0],
    longest_outage_seconds: outages.length > 0 ? Math.max(...outages) : undefined,
    credential: same('credential'),
    remedy: same('remedy'),
  };
}
