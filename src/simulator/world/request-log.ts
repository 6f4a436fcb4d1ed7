import type { Endpoint } from '../scenarios/fault.ts';
import type { RequestCounts } from './truth.ts';

/** The status that counts requests whose connection was closed instead of answered. */
export const CUT = 0;

/** Counts the HTTP requests by environment, endpoint and status. */
export class RequestLog {
  readonly #counts = new Map<string, Record<string, Record<string, number>>>();

  /** `environmentId` is null for requests that belong to no environment. */
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
