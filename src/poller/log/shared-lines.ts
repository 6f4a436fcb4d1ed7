import type { CancelTimer, Clock } from '../../base/clock.ts';
import type { LogEvent, LogFields, Logger } from '../../base/logger.ts';
import type { Operation } from '../../domain/environment.ts';
import type { FailureReason } from '../../domain/failure.ts';

/** This many changes of one kind get a line each; those that follow share one. */
const SINGLE_LINES = 10;
/** How long changes are collected for a shared line, ms: long enough for a whole fleet to be read once. */
const WINDOW_MS = 30_000;
/** Log collectors cut long lines, often at 16 KiB. */
const IDS_IN_A_LINE = 200;

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
  /** What `inCommon` takes from it may be there. */
  readonly line: LogEvent;
  readonly message: string;
}

interface Group {
  readonly first: EnvironmentChange;
  single: number;
  /** By environment and operation: what has no line yet. */
  readonly held: Map<string, EnvironmentChange>;
  cancel: CancelTimer;
}

const SHARED = {
  failing: { level: 'warn', line: { event: 'environments.failing' }, message: 'environments cannot be read' },
  recovered: { level: 'info', line: { event: 'environments.recovered' }, message: 'environments can be read again' },
  rejected: { level: 'warn', line: { event: 'credentials.rejected' }, message: 'the API refuses keys' },
  accepted: { level: 'info', line: { event: 'credentials.accepted' }, message: 'the API takes keys again' },
} as const;

/**
 * Keeps an outage of many environments from filling the log. Of the changes of one kind, connection and reason, the
 * first ones have a line each, at once. Those that follow share a line, which names every environment, at the end of
 * each half minute until none follow; at level `debug` they have their own, too.
 *
 * The events of one environment are always logged in their order.
 */
export class SharedLines {
  readonly #groups = new Map<string, Group>();
  readonly #logger: Logger;
  readonly #clock: Clock;

  constructor(logger: Logger, clock: Clock) {
    this.#logger = logger;
    this.#clock = clock;
  }

  add(change: EnvironmentChange): void {
    const key = JSON.stringify([change.kind, change.connection, change.reason]);
    const id = JSON.stringify([change.connection, change.environmentId, change.operation]);
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

  /** Logs what is held, at the end of the process. */
  end(): void {
    for (const group of this.#groups.values()) {
      group.cancel();
      this.#tell(group);
    }
    this.#groups.clear();
  }

  #open(key: string, first: EnvironmentChange): Group {
    const group: Group = { first, single: 0, held: new Map(), cancel: () => {} };
    const wait = () => {
      group.cancel = this.#clock.setTimer(WINDOW_MS, () => {
        // If changes continue after a shared line, they share further lines.
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
    const operations = [...new Set(changes.flatMap(({ operation }) => operation ?? []))].toSorted();
    const together = inCommon(changes.map(({ line }) => line));
    const parts = Math.ceil(ids.length / IDS_IN_A_LINE);
    for (let part = 0; part < parts; part++) {
      const line: LogEvent = {
        ...SHARED[kind].line,
        connection,
        ...(reason !== undefined && { reason }),
        environments: ids.length,
        ...(operations.length > 0 && { operations }),
        ...together,
        ...(parts > 1 && { part: `${part + 1}/${parts}` }),
        environment_ids: ids.slice(part * IDS_IN_A_LINE, (part + 1) * IDS_IN_A_LINE),
      };
      this.#logger[SHARED[kind].level](line, SHARED[kind].message);
    }
  }
}

/** The fields that hold for all of the lines: the earliest start, the longest outage, and the key and remedy if they are the same. */
function inCommon(lines: readonly LogFields[]): LogFields {
  const since = lines.flatMap(({ since: each }) => (typeof each === 'string' ? each : [])).toSorted()[0];
  const seconds = lines.flatMap(({ outage_seconds }) => (typeof outage_seconds === 'number' ? outage_seconds : []));
  const shared = ['credential', 'remedy'].flatMap((name) => {
    const values = new Set(lines.map((line) => line[name]));
    const [value] = values;
    return values.size === 1 && value !== undefined && value !== null ? [[name, value] as const] : [];
  });
  return {
    ...(since !== undefined && { since }),
    ...(seconds.length > 0 && { longest_outage_seconds: Math.max(...seconds) }),
    ...Object.fromEntries(shared),
  };
}
