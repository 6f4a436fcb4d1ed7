import type { EpochMs } from '../../base/clock.ts';
import type { Endpoint, Fault } from '../scenarios/fault.ts';

/** The endpoints that change nothing. */
const READ_ENDPOINTS: ReadonlySet<Endpoint> = new Set([
  'environments',
  'environment',
  'list',
  'stats',
  'retrieve',
  'session',
]);

/** What a server answers that is behind the others: for a while the same, as if nothing had happened since. */
export class PastAnswers {
  readonly #answers = new Map<string, { readonly at: EpochMs; readonly body: unknown }>();

  /** The last answer to the same request, if a fault allows one that old, and a new one otherwise. */
  async answer(
    request: {
      readonly endpoint: Endpoint;
      readonly url: string;
      readonly now: EpochMs;
      readonly faults: readonly Fault[];
    },
    answer: () => unknown,
  ): Promise<unknown> {
    const { endpoint, url, now, faults } = request;
    const old = READ_ENDPOINTS.has(endpoint) ? faults.find((fault) => fault.kind === 'outdated') : undefined;
    if (old === undefined) return answer();
    const past = this.#answers.get(url);
    if (past !== undefined && now - past.at <= old.seconds * 1000) return past.body;
    const body = await answer();
    this.#answers.set(url, { at: now, body });
    return body;
  }

  forget(): void {
    this.#answers.clear();
  }
}
