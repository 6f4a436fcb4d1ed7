import { CACHED_RUNS, CacheEntry, type ProgramRun } from './cached-run.ts';

type Answers = Readonly<Record<string, unknown>>;

/**
 * What a database answers, which depends on nothing but its program, its arguments, the files that it was filled with and
 * the question. All answers of one database are a single entry of the cache, which grows with what is asked.
 */
export class CachedAnswers {
  readonly #entry: CacheEntry<Answers>;
  readonly #kept: ReadonlyMap<string, unknown>;
  readonly #asked = new Map<string, unknown>();

  /** @param database - its program, and what its answers depend on beside the question */
  constructor(database: ProgramRun, places = CACHED_RUNS) {
    this.#entry = new CacheEntry<Answers>(database, places);
    this.#kept = new Map(Object.entries(this.#entry.hit ?? {}));
  }

  /** @param ask - asks the database itself; an error is no answer that is kept */
  async to<R>(question: readonly string[], ask: () => Promise<R>): Promise<R> {
    const key = JSON.stringify(question);
    const answer = this.#asked.get(key) ?? this.#kept.get(key) ?? (await ask());
    this.#asked.set(key, answer);
    return answer as R;
  }

  /** For the next run, with what others have asked the same database. While there is room, nothing is forgotten. */
  keep(): void {
    if ([...this.#asked.keys()].every((key) => this.#kept.has(key))) return;
    const asked = Object.fromEntries(this.#asked);
    if (!this.#entry.replace({ ...this.#entry.latest, ...asked })) this.#entry.replace(asked);
  }
}
