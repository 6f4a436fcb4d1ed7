import type { ServerResponse } from 'node:http';
import type { Clock } from '../../base/clock.ts';

/** For this long, an answer that is still being read may be shared with others. */
export const CURRENT_MS = 1000;
/** The most versions of one answer that slow readers can keep alive. */
export const MOST_VERSIONS = 4;

export type AnswerBlocks = readonly Buffer[];

interface Version {
  readonly blocks: Promise<AnswerBlocks>;
  /** Monotonic. */
  readonly begunAt: number;
  readonly readers: Set<ServerResponse>;
  built: boolean;
}

/**
 * One rendering for all requests at the same time: many clients cost the memory and the work of one. Nobody gets text
 * older than a second, and a single client always gets fresh text.
 */
export class SharedAnswers {
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #versions = new Map<string, Version[]>();

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
  }

  /** The answer named `key`, for `reader`, which holds it until its end; `build` creates it if none is current. */
  take(key: string, reader: ServerResponse, build: () => Promise<AnswerBlocks>): Promise<AnswerBlocks> {
    // It is closed already, and no event would ever remove it from the readers.
    if (reader.destroyed) return Promise.resolve([]);
    const versions = this.#versions.get(key) ?? [];
    const newest = versions.at(-1);
    const version = newest !== undefined && this.#isCurrent(newest) ? newest : this.#build(key, versions, build);
    version.readers.add(reader);
    reader.once('close', () => {
      version.readers.delete(reader);
      // One turn of the event loop later: a request that waited behind this one was sent just as early, and may share
      // it.
      setImmediate(() => {
        if (version.readers.size === 0) this.#forget(key, version);
      });
    });
    return version.blocks;
  }

  #isCurrent({ built, begunAt }: Version): boolean {
    return !built || this.#clock.monotonic() - begunAt < CURRENT_MS;
  }

  #build(key: string, versions: Version[], build: () => Promise<AnswerBlocks>): Version {
    if (versions.length >= MOST_VERSIONS) {
      const oldest = versions.shift()!;
      for (const reader of oldest.readers) reader.destroy();
    }
    const blocks = build();
    const version: Version = { blocks, begunAt: this.#clock.monotonic(), readers: new Set(), built: false };
    blocks.then(
      () => {
        version.built = true;
      },
      () => this.#forget(key, version),
    );
    versions.push(version);
    this.#versions.set(key, versions);
    return version;
  }

  #forget(key: string, version: Version): void {
    const left = (this.#versions.get(key) ?? []).filter((other) => other !== version);
    if (left.length === 0) this.#versions.delete(key);
    else this.#versions.set(key, left);
  }
}
