import { errorText } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import type { Config } from '../../config/config.ts';
import { formatProblem, type Problem } from '../../config/file/problem.ts';
import type { LoadResult } from '../../config/load/load-config.ts';
import type { PartialConfig } from '../../config/partial-config.ts';
import type { ReloadResult } from '../../server/http/server-deps.ts';
import { type Contents, differs, type FileWatcher } from '../files/file-watcher.ts';
import { type FleetDifference, sameFleet } from '../fleet/fleet-difference.ts';
import type { ChangeQueue } from './change-queue.ts';
import { withKnownEnvironments } from './known-environments.ts';
import { answerOfReload, connectionProblem, reportKeys, reportReload, restartProblems } from './report-reload.ts';

export interface ReloadDeps {
  readonly startedWith: Config;
  readonly changes: ChangeQueue;
  readonly watcher: Pick<FileWatcher, 'contents' | 'accept'>;
  readonly logger: Logger;
  /** Reads the configuration again. */
  load(): Promise<LoadResult>;
  /** The configuration as loaded last. */
  loaded(): Config;
  /** Makes the connections of a configuration, and returns the function that takes them into use. @throws ExporterError */
  prepareConnections(config: Config): () => void;
  /** The configuration with the keys that its files hold now; null if no key was replaced. */
  replacedKeys(config: Config, rejected: PartialConfig | null): Promise<Config | null>;
  /** Puts a configuration into force. */
  replace(config: Config, how: Replacement): Promise<FleetDifference>;
  /** A configuration was rejected. */
  configRejected(): void;
  /** The configuration in force was loaded again and is the same. */
  configConfirmed(): void;
  /** How many environments are watched; null if some of their reads are due at once after a reload. */
  settledCount(): number | null;
}

export interface Replacement {
  /** False: only keys differ, and the configuration as a whole was not loaded again. */
  readonly loaded: boolean;
  /** To be called at the moment at which the new configuration is in force. */
  readonly activate: () => void;
}

/** A configuration that can be put into force. */
interface Usable {
  readonly config: Config;
  readonly notices: readonly Problem[];
  /** Takes its connections into use. */
  readonly activate: () => void;
}

const STOPPING: ReloadResult = { ok: false, problems: ['the process is stopping'] };

/** Reads the configuration again whenever somebody asks for it or a file changes, and puts it into force or rejects it. */
export class Reloads {
  readonly #deps: ReloadDeps;
  /** A reload that waits for its turn. */
  #next: Promise<ReloadResult> | null = null;
  /** The files of the configuration that was rejected last: a change to one may make it valid. Null if none is rejected. */
  #rejectedFiles: readonly string[] | null = null;
  #rejectedConfig: PartialConfig | null = null;
  /** What the files held just before the last load, while its configuration is in force; null before the first reload. */
  #inForce: { readonly contents: Contents; readonly notices: readonly Problem[] } | null = null;

  constructor(deps: ReloadDeps) {
    this.#deps = deps;
  }

  /** Null if the last reload has put its configuration into force, and before the first one. */
  get rejectedFiles(): readonly string[] | null {
    return this.#rejectedFiles;
  }

  /** What is understood of the configuration that was rejected last; null: nothing, or none is rejected. */
  get rejectedConfig(): PartialConfig | null {
    return this.#rejectedConfig;
  }

  /** A bad configuration changes only keys in files and the reload gauges; the result says what is wrong. */
  reload(): Promise<ReloadResult> {
    // A reload that has not begun will read what this one would read.
    this.#next ??= this.#deps.changes.runUnlessStopping<ReloadResult>(async () => {
      this.#next = null;
      try {
        return await this.#reload();
      } catch (error) {
        // That says nothing about the configuration, and nobody has to mend anything.
        if (this.#deps.changes.isStopping) return STOPPING;
        // After the start nothing ends the process, not even a bug in a reload.
        return this.#reject([errorText(error)]);
      }
    }, STOPPING);
    return this.#next;
  }

  async #reload(): Promise<ReloadResult> {
    const { changes, watcher, logger, startedWith, load, loaded, replace } = this.#deps;
    const seen = await changes.unlessStopped(watcher.contents());
    const confirmed = this.#confirmed(seen);
    if (confirmed !== null) {
      await watcher.accept(seen);
      return confirmed;
    }
    const result = await changes.unlessStopped(load());
    const next = result.ok ? this.#usable(result) : { problems: result.problems.map(formatProblem) };
    if ('problems' in next) {
      this.#inForce = null;
      this.#rejectedFiles = (result.ok ? result.config.files : result.files) ?? [];
      this.#rejectedConfig = result.ok ? result.config : (result.partial ?? null);
      const answer = this.#reject(next.problems);
      try {
        await this.#replaceKeys();
        await changes.unlessStopped(watcher.accept(seen));
      } catch (error) {
        const fields = { event: 'config.rejected', detail: errorText(error) };
        logger.error(fields, 'keys that were replaced in their files are not taken over');
      }
      return answer;
    }
    const { notices, activate: takeConnectionsIntoUse } = next;
    const before = loaded();
    const after = await changes.unlessStopped(withKnownEnvironments(next.config, before));
    // Keys are read before the configuration is in force.
    this.#rejectedConfig = null;
    const activate = () => {
      takeConnectionsIntoUse();
      this.#rejectedFiles = null;
    };
    const difference = await replace(after, { loaded: true, activate });
    reportReload(logger, { before, after, difference, notices });
    this.#inForce = { contents: seen, notices };
    await watcher.accept(seen);
    return answerOfReload({ started: startedWith, after, difference });
  }

  /** The answer if every file is as it was loaded: then there is nothing to do. To load a large fleet takes seconds. */
  #confirmed(seen: Contents): ReloadResult | null {
    const { logger, startedWith, loaded, configConfirmed, settledCount } = this.#deps;
    const unchanged = settledCount();
    if (this.#inForce === null || unchanged === null || differs(seen, this.#inForce.contents)) return null;
    const { notices } = this.#inForce;
    const config = loaded();
    const difference = sameFleet(unchanged);
    configConfirmed();
    reportReload(logger, { before: config, after: config, difference, notices });
    return answerOfReload({ started: startedWith, after: config, difference });
  }

  /** Keys may be about to expire, whatever is wrong with the rest. */
  async #replaceKeys(): Promise<void> {
    const { changes, logger, loaded, replacedKeys, prepareConnections, replace } = this.#deps;
    const before = loaded();
    const after = await changes.unlessStopped(replacedKeys(before, this.#rejectedConfig));
    if (after === null) return;
    const difference = await replace(after, { loaded: false, activate: prepareConnections(after) });
    reportKeys(logger, { before, after, difference });
  }

  /** The configuration with its connections made, or why it cannot take effect. */
  #usable({ config, notices }: Omit<Usable, 'activate'>): Usable | { problems: readonly string[] } {
    const problems = restartProblems(this.#deps.loaded(), config);
    if (problems.length > 0) return { problems };
    try {
      return { config, notices, activate: this.#deps.prepareConnections(config) };
    } catch (error) {
      return { problems: [connectionProblem(error)] };
    }
  }

  #reject(problems: readonly string[]): ReloadResult {
    this.#rejectedFiles ??= [];
    this.#deps.configRejected();
    const fields = { event: 'config.rejected', problems };
    this.#deps.logger.error(fields, 'the new configuration is rejected; the old one stays in force');
    return { ok: false, problems };
  }
}
