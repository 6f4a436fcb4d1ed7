import { createHash, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import {
  CACHED_RUNS,
  cachedRunSync,
  keyOf,
  type Places,
  type ProgramRun,
  programDigest,
} from '../support/cached-run.ts';
import { ROOT } from '../support/processes.ts';
import { toolPath } from '../support/tool-path.ts';
import type { Answer, Cluster } from './cluster.ts';
import { shippedFiles } from './shipped-files.ts';

/** What is asked here of a cluster. */
type Server = Pick<Cluster, 'run' | 'env'> & AsyncDisposable;
type Client = 'kubectl' | 'helm' | 'victoria-metrics';

/**
 * An API server that starts only for what none has been asked before. What it answers depends on everything that it was
 * asked before, so the cache knows an answer by all questions of the test up to it, the files that they read, and the
 * programs. If it has no answer, or the test fails, the whole test runs again with a real server; if it passes then, its
 * answers are kept.
 */
export class CachedCluster implements AsyncDisposable {
  readonly #start: () => Promise<Server>;
  readonly #files: readonly string[];
  readonly #places: Places;
  #server: Promise<Server> | null = null;
  #beginning: string | null = null;
  #talk: Talk | null = null;

  /** @param files - that make a server what it is when a test begins */
  constructor(files: readonly string[], start: () => Promise<Server>, places = CACHED_RUNS) {
    this.#files = files;
    this.#start = start;
    this.#places = places;
  }

  /** The body of a test, beside which no other runs. */
  test<Args extends unknown[]>(body: (...args: Args) => unknown): (...args: Args) => Promise<void> {
    let tries = 0;
    return async (...args) => {
      if (await this.#passesByCache(() => body(...args))) return;
      this.#server ??= this.#start();
      tries += 1;
      const talk = new Talk(this.#begin(), this.#places, tries, await this.#server);
      await this.#during(talk, () => body(...args));
      talk.keep();
    };
  }

  /** A name that no earlier try of the test has used. */
  fresh(name: string): string {
    return `${name}-${this.#now.number}`;
  }

  kubectl(args: readonly string[], input = ''): Answer {
    return this.run('kubectl', args, input);
  }

  /** Runs one of the pinned programs against the server. */
  run(tool: 'kubectl' | 'helm', args: readonly string[], input = ''): Answer {
    return this.#now.ask(questionOf(tool, args, input), (server) => server.run(tool, args, input));
  }

  /** The object as the server has it. Throws when it has none. */
  get(kind: string, name: string, namespace: string) {
    const { status, stdout, stderr } = this.kubectl(['get', kind, name, '--namespace', namespace, '--output', 'json']);
    if (status !== 0) throw new Error(stderr);
    return JSON.parse(stdout);
  }

  /** What another client finds out with these settings. */
  async found<R>(tool: Client, settings: object, find: (server: Server) => Promise<R>): Promise<R> {
    const { server } = this.#now;
    const found = server === null ? null : await find(server);
    return this.#now.ask(questionOf(tool, [], JSON.stringify(settings)), () => found as R);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await (await this.#server)?.[Symbol.asyncDispose]();
  }

  get #now(): Talk {
    if (this.#talk === null) throw new Error('only a test that the CachedCluster runs may ask it');
    return this.#talk;
  }

  async #passesByCache(run: () => unknown): Promise<boolean> {
    const talk = new Talk(this.#begin(), this.#places, 1, null);
    try {
      await this.#during(talk, run);
      // A test may take the error for one of the server.
      return !talk.missed;
    } catch {
      // What fails must fail for a reason of now.
      return false;
    }
  }

  async #during(talk: Talk, run: () => unknown): Promise<void> {
    this.#talk = talk;
    try {
      await run();
    } finally {
      this.#talk = null;
    }
  }

  #begin(): string {
    if (this.#beginning === null) {
      const hash = createHash('sha256');
      for (const name of ['etcd', 'kube-apiserver'] as const)
        hash.update(programDigest(toolPath(name)) ?? randomUUID());
      for (const file of this.#files) hash.update(createHash('sha256').update(readFileSync(file)).digest());
      this.#beginning = hash.digest('hex');
    }
    return this.#beginning;
  }
}

/** The questions of one test. */
class Talk {
  readonly number: number;
  /** Null where the cache answers. */
  readonly server: Server | null;
  missed = false;
  readonly #places: Places;
  #before: string;
  readonly #answered: { readonly question: ProgramRun; readonly answer: unknown }[] = [];

  constructor(beginning: string, places: Places, number: number, server: Server | null) {
    this.#before = beginning;
    this.#places = places;
    this.number = number;
    this.server = server;
  }

  ask<R>(asked: ProgramRun, answerOf: (server: Server) => R): R {
    const question = { ...asked, args: [this.#before, ...asked.args] };
    // Nothing is known of what follows a program that cannot be told from another one.
    this.#before = keyOf(question) ?? randomUUID();
    if (this.server === null)
      return cachedRunSync<R>(
        question,
        () => this.#miss(),
        () => false,
        this.#places,
      );
    const answer = answerOf(this.server);
    this.#answered.push({ question, answer });
    return answer;
  }

  /** While the files that were read are still there. */
  keep(): void {
    for (const { question, answer } of this.#answered)
      cachedRunSync(
        question,
        () => answer,
        () => true,
        this.#places,
      );
  }

  #miss(): never {
    this.missed = true;
    throw new Error('the cache does not know what the server answers');
  }
}

function questionOf(tool: Client, args: readonly string[], input: string): ProgramRun {
  const path = args.find((arg) => isAbsolute(arg)) ?? ROOT;
  const run = { program: toolPath(tool), args: [...args, input] };
  if (!path.startsWith(ROOT)) return { ...run, folder: path };
  return { ...run, folder: ROOT, files: path === ROOT ? [] : shippedFiles() };
}
