import type { CancelTimer, Clock } from '../base/clock.ts';
import type { LogEvent, LogFields, Logger } from '../base/logger.ts';
import type { Operation } from '../domain/environment.ts';
import type { FailureReason } from '../domain/failure.ts';

/** So many changes of one kind have a line each before those that follow share one. */
const SINGLE_LINES = 10;
/** How long changes are collected for a shared line, ms: a fleet is read once within it. */
const WINDOW_MS = 30_000;
/** A longer line is cut by what collects logs, often at 16 KiB. */
const IDS_IN_A_LINE = 200;

/** That a read of an environment began to fail, fails for another reason, or works again. */
export interface ReadChange {
  readonly kind: 'failing' | 'recovered';
  readonly connection: string;
  readonly environmentId: string;
  readonly operation: Operation;
  readonly reason: FailureReason;
  /** Has `since` or `outage_seconds`, and perhaps `remedy`. */
  readonly line: LogEvent;
  readonly message: string;
}

interface Group {
  readonly first: ReadChange;
  single: number;
  /** By environment and operation: what has no line yet. */
  readonly held: Map<string, ReadChange>;
  cancel: CancelTimer;
}

const SHARED = {
  failing: { level: 'warn', line: { event: 'environments.failing' }, message: 'environments cannot be read' },
  recovered: { level: 'info', line: { event: 'environments.recovered' }, message: 'environments can be read again' },
} as const;

/**
 * Keeps an outage of many environments from filling the log. Of the changes of one kind, connection and reason, the
 * first ones have a line each, at once. Those that follow share a line, which names every environment, at the end of
 * each half minute until none follow; at level `debug` they have their own, too.
 *
 * What happens to one environment is never told in another order than it happened.
 */
export class SharedLines {
  readonly #groups = new Map<string, Group>();
  readonly #logger: Logger;
  readonly #clock: Clock;

  constructor(logger: Logger, clock: Clock) {
    this.#logger = logger;
    this.#clock = clock;
  }

  add(change: ReadChange): void {
    const key = JSON.stringify([change.kind, change.connection, change.reason]);
    const id = JSON.stringify([change.environmentId, change.operation]);
    for (const group of this.#groups.values()) if (group.held.has(id)) this.#tell(group);
    const group = this.#groups.get(key) ?? this.#open(key, change);
    if (group.single < SINGLE_LINES) {
      group.single += 1;
      this.#logger[SHARED[change.kind].level](change.line, change.message);
    } else {
      group.held.set(id, change);
      this.#logger.debug(change.line, change.message);
    }
  }

  /** Tells what is held, at the end of the process. */
  end(): void {
    for (const group of this.#groups.values()) {
      group.cancel();
      this.#tell(group);
    }
    this.#groups.clear();
  }

  #open(key: string, first: ReadChange): Group {
    const group: Group = { first, single: 0, held: new Map(), cancel: () => {} };
    const wait = () => {
      group.cancel = this.#clock.setTimer(WINDOW_MS, () => {
        // What goes on after a shared line goes on sharing lines.
        const goesOn = group.held.size > 0;
        this.#tell(group);
        if (goesOn) wait();
        else this.#groups.delete(key);
      });
    };
    wait();
    this.#groups.set(key, group);
    return group;
  }

  #tell({ first: { kind, connection, reason }, held }: Group): void {
    if (held.size === 0) return;
    const changes = [...held.values()];
    held.clear();
    const ids = [...new Set(changes.map(({ environmentId }) => environmentId))];
    const operations = [...new Set(changes.map(({ operation }) => operation))].toSorted();
    const together = inCommon(changes.map(({ line }) => line));
    const parts = Math.ceil(ids.length / IDS_IN_A_LINE);
    for (let part = 0; part < parts; part++) {
      const line: LogEvent = {
        ...SHARED[kind].line,
        connection,
        reason,
        environments: ids.length,
        operations,
        ...together,
        ...(parts > 1 && { part: `${part + 1}/${parts}` }),
        environment_ids: ids.slice(part * IDS_IN_A_LINE, (part + 1) * IDS_IN_A_LINE),
      };
      this.#logger[SHARED[kind].level](line, SHARED[kind].message);
    }
  }
}

/** What can be said of all of them: since when at most, or how long at most, and what to do if that is one thing. */
function inCommon(lines: readonly LogFields[]): LogFields {
  const since = lines.flatMap(({ since: each }) => (typeof each === 'string' ? each : [])).toSorted()[0];
  const seconds = lines.flatMap(({ outage_seconds }) => (typeof outage_seconds === 'number' ? outage_seconds : []));
  const remedies = new Set(lines.map(({ remedy }) => remedy));
  const [remedy] = remedies;
  return {
    ...(since !== undefined && { since }),
    ...(seconds.length > 0 && { longest_outage_seconds: Math.max(...seconds) }),
    ...(remedies.size === 1 && remedy !== undefined && { remedy }),
  };
}
