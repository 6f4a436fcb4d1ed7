import type { WorkItem } from '../../src/domain/work.ts';

/** What some read has shown, counted by hand: distinct stamps, and runs that followed one another. */
export class VisibleTransitions {
  readonly counts = { created: 0, acknowledged: 0, stopped: 0, requeued: 0, lapsed: 0 };
  waitSum = 0;
  runSum = 0;
  stopSum = 0;
  readonly #since: number;
  readonly #rows = new Map<string, WorkItem>();
  readonly #stamps = new Set<string>();

  /** Stamps up to `since` are history. */
  constructor(since: number) {
    this.#since = since;
  }

  /** The rows of one read that ended well. */
  show(rows: Iterable<WorkItem>): void {
    for (const row of rows) {
      const before = this.#rows.get(row.id);
      this.#rows.set(row.id, row);
      const { createdAt, acknowledgedAt, startedAt, stoppedAt, stopRequestedAt } = row;
      if (before === undefined && this.#isNew(`created ${row.id}`, createdAt)) this.counts.created++;
      if (this.#isNew(`acknowledged ${row.id}`, acknowledgedAt)) {
        this.counts.acknowledged++;
        if (row.type === 'session') this.waitSum += acknowledgedAt! - startedAt!;
      }
      if (this.#isNew(`stopped ${row.id}`, stoppedAt)) {
        this.counts.stopped++;
        if (acknowledgedAt !== null) this.runSum += stoppedAt! - acknowledgedAt;
        if (stopRequestedAt !== null) this.stopSum += stoppedAt! - stopRequestedAt;
      }
      // Nobody saw its first run, but it was created before there was anything to see and queued since.
      const old = before === undefined && createdAt! <= this.#since && startedAt !== null && startedAt > this.#since;
      if (old && startedAt - createdAt! > 10_000) this.counts.requeued++;
      if (before === undefined) continue;
      // The stamp comes a moment after the item is queued: until then the state tells.
      const queuedAgain = row.state === 'queued' && before.state !== 'queued';
      const stampedAgain = before.startedAt !== null && startedAt !== null && startedAt > before.startedAt;
      if (!queuedAgain && !stampedAgain) continue;
      if (before.state === 'stopped') this.counts.requeued++;
      else this.counts.lapsed++;
    }
  }

  #isNew(what: string, stamp: number | null): boolean {
    const key = `${what} ${stamp}`;
    if (stamp === null || stamp <= this.#since || this.#stamps.has(key)) return false;
    this.#stamps.add(key);
    return true;
  }
}
