import type { EpochMs } from '../base/clock.ts';
import type { LogFields, Logger } from '../base/logger.ts';
import type { Condition, DiagnosisReport } from '../diagnosis/report.ts';

/** Up to this many that begin or end together have a line each. */
const SINGLE_LINES = 5;
/** Log collectors cut long lines, often at 16 KiB. */
const IDS_IN_A_LINE = 200;

/** Logs each condition when it begins to hold, and when it ends. */
export class ConditionLog {
  readonly #logger: Pick<Logger, 'info' | 'warn'>;
  readonly #startedAt: EpochMs;
  #held: ReadonlyMap<string, Condition> = new Map();

  /** @param startedAt what began to hold before then was logged by an earlier process */
  constructor(logger: Pick<Logger, 'info' | 'warn'>, startedAt: EpochMs) {
    this.#logger = logger;
    this.#startedAt = startedAt;
  }

  /** Returns whether a condition has begun or ended. */
  note({ environments, connections }: DiagnosisReport): boolean {
    const before = this.#held;
    const held = new Map<string, Condition>();
    for (const conditions of [...connections.values(), ...environments.values()])
      for (const condition of conditions) {
        if (condition.value === 0) continue;
        const key = keyOf(condition);
        // While nobody can tell, it stays as it was.
        if (condition.value === 1 || before.has(key)) held.set(key, condition);
      }
    this.#held = held;
    const isNew = ({ holdsFrom }: Condition) => holdsFrom === null || holdsFrom >= this.#startedAt;
    const began = [...held].flatMap(([key, condition]) => (before.has(key) || !isNew(condition) ? [] : condition));
    const ended = [...before].flatMap(([key, condition]) => (held.has(key) ? [] : condition));
    for (const fields of linesOf(began)) this.#logger.warn({ event: 'condition.began', ...fields }, 'condition began');
    for (const fields of linesOf(ended)) this.#logger.info({ event: 'condition.ended', ...fields }, 'condition ended');
    return began.length + ended.length > 0;
  }
}

function keyOf({ subject, name, severity }: Condition): string {
  return `${subject.kind} ${subject.kind === 'environment' ? subject.id : subject.name} ${name} ${severity}`;
}

/** Those of one condition and severity, and of one connection, share a line if they are many. */
function linesOf(conditions: readonly Condition[]): readonly LogFields[] {
  const connectionOf = ({ subject }: Condition) => (subject.kind === 'environment' ? subject.connection : '');
  const groups = Map.groupBy(conditions, (one) => `${one.name} ${one.severity} ${connectionOf(one)}`);
  return [...groups.values()].flatMap((alike) =>
    alike.length > SINGLE_LINES ? [fieldsOfMany(alike)] : alike.map(fieldsOf),
  );
}

function fieldsOf({ name, severity, subject, evidence, holdsFrom }: Condition): LogFields {
  const whose =
    subject.kind === 'connection'
      ? { connection: subject.name }
      : { connection: subject.connection, environment_id: subject.id, environment_name: subject.name };
  return { condition: name, severity, ...whose, since: sinceText([holdsFrom]), evidence };
}

/** They have a name, a severity and a connection in common. */
function fieldsOfMany(alike: readonly Condition[]): LogFields {
  const { environment_id: _, environment_name: __, ...common } = fieldsOf(alike[0]!);
  const ids = alike.flatMap((one) => (one.subject.kind === 'environment' ? one.subject.id : []));
  const since = sinceText(alike.map(({ holdsFrom }) => holdsFrom));
  return { ...common, environments: alike.length, since, environment_ids: ids.slice(0, IDS_IN_A_LINE) };
}

function sinceText(times: readonly (number | null)[]): string | null {
  const known = times.filter((at) => at !== null);
  return known.length === 0 ? null : new Date(Math.min(...known)).toISOString();
}
