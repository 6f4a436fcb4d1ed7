import type { Endpoint } from '../scenarios/fault.ts';
import type { RequestCounts } from './truth.ts';

/** Status under which a request is counted whose connection was cut instead of answered. */
export const CUT = 0;

/** Counts the requests that came over HTTP, by environment, endpoint and status. */
export class RequestLog {
  readonly #counts = new Map<string, Record<string, Record<string, number>>>();

  /** `environmentId` is null for requests that belong to none. */
  count(environmentId: string | null, endpoint: Endpoint, status: number): void {
    const scope = environmentId ?? '';
    const byEndpoint = this.#counts.get(scope) ?? {};
    this.#counts.set(scope, byEndpoint);
    byEndpoint[endpoint] ??= {};
    const byStatus = byEndpoint[endpoint];
    byStatus[status] = (byStatus[status] ?? 0) + 1;
  }

  of(environmentId: string | null): RequestCounts {
    return structuredClone(this.#counts.get(environmentId ?? '') ?? {});
  }
}
