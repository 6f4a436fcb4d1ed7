import type { Dispatcher } from 'undici';
import type { FileReader } from '../base/files.ts';
import type { RequestSender } from '../client/transport.ts';
import { answerRequest } from '../simulator/answer-request.ts';
import { apiRoutes } from '../simulator/api-routes.ts';
import type { Simulation } from '../simulator/simulation.ts';
import type { StateDisk } from '../statefile/disk.ts';

/** Sends requests to a simulation without a network. */
export class InMemoryRequests implements RequestSender {
  readonly #simulation: Simulation;
  readonly #routes: readonly { readonly route: ReturnType<typeof apiRoutes>[number]; readonly pattern: RegExp }[];

  constructor(simulation: Simulation) {
    this.#simulation = simulation;
    this.#routes = apiRoutes(simulation)
      .filter(({ method }) => method === 'GET')
      .map((route) => ({ route, pattern: new RegExp(`^${route.path.replaceAll(/:(\w+)/g, '(?<$1>[^/]+)')}$`) }));
  }

  dispatch({ path, headers }: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    const controller = { aborted: false, paused: false, reason: null, rawHeaders: null, rawTrailers: null };
    const abort = (reason: Error) => Object.assign(controller, { aborted: true, reason });
    const full = Object.assign(controller, { abort, pause: () => {}, resume: () => {} });
    handler.onRequestStart?.(full, {});
    void this.#answer(String(path), headers as Record<string, string>, () => controller.aborted).then((answer) => {
      if (controller.aborted || answer === 'nothing') return;
      if (answer instanceof Error) return handler.onResponseError?.(full, answer);
      handler.onResponseStart?.(full, answer.status, answer.headers, '');
      handler.onResponseData?.(full, Buffer.from(answer.body));
      if (answer.isWhole) handler.onResponseEnd?.(full, {});
      else handler.onResponseError?.(full, connectionClosed());
    });
    return true;
  }

  async close(): Promise<void> {}

  async destroy(): Promise<void> {}

  async #answer(path: string, headers: Readonly<Record<string, string>>, gone: () => boolean) {
    const { pathname, searchParams } = new URL(path, 'http://simulator');
    const found = this.#routes.find(({ pattern }) => pattern.test(pathname));
    if (found === undefined) return { status: 404, headers: {}, body: '{}', isWhole: true };
    const { groups: params = {} } = found.pattern.exec(pathname)!;
    // What is given several times is a list.
    const all = [...new Set(searchParams.keys())].map((name) => [name, searchParams.getAll(name)] as const);
    const query = Object.fromEntries(all.map(([name, values]) => [name, values.length === 1 ? values[0] : values]));
    const request = { url: path, params, query, headers, body: undefined, gone };
    const answer = await answerRequest(this.#simulation, found.route, request);
    if (answer.kind === 'whole') return { ...answer, isWhole: true };
    if (answer.kind === 'half') return { ...answer, body: answer.body.slice(0, 10), isWhole: false };
    return answer.kind === 'reset' ? connectionClosed() : 'nothing';
  }
}

function connectionClosed(): Error {
  return Object.assign(new Error('other side closed'), { code: 'ECONNRESET' });
}

/** The files of an exporter: its configuration, its keys, and the state file that outlives a restart. */
export class InMemoryFiles {
  readonly texts = new Map<string, string>();

  get reader(): FileReader {
    return {
      readFile: (path) => Buffer.from(this.#text(path)),
      readdir: (path) =>
        [...this.texts.keys()].filter((file) => file.startsWith(`${path}/`)).map((file) => file.slice(path.length + 1)),
    };
  }

  get stateDisk(): StateDisk {
    return {
      read: async (path) => this.#text(path),
      readStart: async (path, bytes) => this.#text(path).slice(0, bytes),
      replace: async (path, content) => void this.texts.set(path, content),
      unlink: async (path) => void this.texts.delete(path),
      rename: async (from, to) => {
        this.texts.set(to, this.#text(from));
        this.texts.delete(from);
      },
      resolve: async (path) => path,
    };
  }

  #text(path: string): string {
    const text = this.texts.get(path);
    if (text === undefined) throw Object.assign(new Error('no such file'), { code: 'ENOENT', path });
    return text;
  }
}
