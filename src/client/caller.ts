import { sleep } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import type { ProviderPreset } from '../wire/presets.ts';
import type { Call } from './call.ts';
import type { UsedCredential } from './credentials.ts';
import { ApiError } from './failure/api-error.ts';
import { type ExchangeDeps, exchange, mostBytesOf } from './http/exchange.ts';
import { brokenPath, noCredential, wentElsewhere } from './impossible-call.ts';
import { type Judged, judge } from './judge.ts';
import { type ReportDeps, refusalOf, reportAttempt, sentRequest } from './report-attempt.ts';
import { withCredential } from './request-headers.ts';
import { MOST_ATTEMPTS, retryDelayMs } from './retry.ts';
import type { Slots } from './slots.ts';
import type { CallOptions, Reply } from './work-api.ts';

export interface CallerDeps extends ReportDeps {
  readonly preset: ProviderPreset;
  readonly exchange: ExchangeDeps;
  readonly headers: Readonly<Record<string, string>>;
  readonly slots: Slots;
  readonly random: Random;
  /** Whether a reload has given the connection another address: then nothing more is sent to the old one. */
  readonly isReplaced: () => boolean;
}

/** Makes calls: slot, token, credential, request, one retry. */
export class Caller {
  readonly #deps: CallerDeps;

  constructor(deps: CallerDeps) {
    this.#deps = deps;
  }

  /** @throws ApiError; the reason of the caller's signal when that aborts */
  async run<T>(call: Call<T>, { signal, maxAgeMs = 0, retry = true }: CallOptions): Promise<Reply<T>> {
    const { chooser, clock, random, budget } = this.#deps;
    const path = pathOf(call);
    const { operation, environmentId } = call;
    // A call without a key must not wait for a token that it will not need.
    this.#requireCredential(call);
    const chosen = chooser.take(operation, environmentId) ?? this.#requireCredential(call);
    let use: UsedCredential = { ...chosen, operation, environmentId };
    let requests = 0;
    for (let attempt = 1; ; attempt++) {
      requests++;
      const { judged, used } = await this.#attempt(call, { use, path, signal, maxAgeMs });
      if (judged.ok) return { ...judged, credential: used.kind, requests };
      if (this.#deps.isReplaced()) throw judged.error.after(requests);
      const next = retry && refusalOf(judged) !== null ? chooser.takeNext(operation, environmentId) : null;
      if (next !== null) {
        // A refused key says nothing about the environment while another key can be tried.
        use = { ...next, operation, environmentId };
        attempt = 0;
        continue;
      }
      const delayMs = retry && attempt < MOST_ATTEMPTS ? retryDelayMs(judged, random) : null;
      if (delayMs === null) throw judged.error.after(requests);
      await sleep(clock, delayMs, signal);
      // A retry does not queue: when the budget is empty, the next poll is the retry.
      if (!budget.isFree) throw judged.error.after(requests);
    }
  }

  async #attempt<T>(
    call: Call<T>,
    request: {
      readonly use: UsedCredential;
      readonly path: string;
      readonly signal: AbortSignal | undefined;
      readonly maxAgeMs: number;
    },
  ): Promise<{ readonly judged: Judged<T>; readonly used: UsedCredential }> {
    const { slots, budget, preset, clock, observer, chooser } = this.#deps;
    const { path, signal, maxAgeMs } = request;
    if (!slots.tryTake()) await slots.wait(signal);
    let open = false;
    let { use } = request;
    try {
      // Called off while it waited for its slot: nothing was sent.
      signal?.throwIfAborted();
      // Without a wait if there is one: what begins a read counts on it.
      if (!budget.tryTake()) await budget.take(signal);
      if (this.#deps.isReplaced()) throw new ApiError(wentElsewhere(call));
      // A reload may have changed the key since it was chosen.
      use = chooser.renewed(use) ?? { ...use, ...this.#requireCredential(call) };
      const headers = withCredential(this.#deps.headers, use, preset);
      const startedAt = clock.monotonic();
      // From here on the request counts as sent, so a connection that the server does not accept counts too.
      open = true;
      const sent = { path, headers, signal, mostBytes: mostBytesOf(call.operation) };
      return await exchange(this.#deps.exchange, sent, (result) => {
        const durationSeconds = (clock.monotonic() - startedAt) / 1000;
        const judged = judge(call, result, { preset, use, now: clock.now(), maxAgeMs });
        open = false;
        reportAttempt(this.#deps, judged, { use, result, durationSeconds });
        return { judged, used: use };
      });
    } finally {
      slots.release();
      if (open) observer.requestCalledOff(sentRequest(this.#deps, use));
    }
  }

  #requireCredential(call: Call<unknown>) {
    const { chooser, preset } = this.#deps;
    const chosen = chooser.peek(call.operation, call.environmentId);
    if (chosen === null) throw new ApiError(noCredential(call, preset));
    return chosen;
  }
}

function pathOf(call: Call<unknown>): string {
  try {
    return call.path();
  } catch (error) {
    throw brokenPath(call, error);
  }
}
