import type { z } from 'zod';
import {
  errorSchema,
  heartbeatSchema,
  listSchema,
  polledSchema,
  preconditionSchema,
  statsSchema,
  type WorkJson,
  workSchema,
} from './schemas.ts';
import { type Answer, type Call, call, type TestSimulator } from './simulators.ts';

/** A refusal of the API: its status and message. */
export interface Refused {
  readonly refused: number;
  readonly message: string;
}

export type Outcome<T> = { readonly value: T } | Refused;

/** Speaks the Work API of the first environment and holds every answer against its schema. */
export class WorkClient {
  readonly #simulator: TestSimulator;
  readonly #path: string;
  readonly #prefix: string;

  constructor(simulator: TestSimulator, prefix = '/v1') {
    this.#simulator = simulator;
    this.#prefix = prefix;
    this.#path = `${prefix}/environments/${simulator.prod.id}/work`;
  }

  get #key(): string {
    return this.#simulator.prod.environmentKey;
  }

  list(limit: number, page: string | null = null): Promise<Outcome<z.infer<typeof listSchema>>> {
    const next = page === null ? '' : `&page=${encodeURIComponent(page)}`;
    return this.#ask(listSchema, `?limit=${limit}${next}`);
  }

  /** The whole list, page by page; `between` is called after each page. */
  async listAll(limit: number, between: () => void = () => {}): Promise<WorkJson[]> {
    const items: WorkJson[] = [];
    for (let page: string | null | undefined = null; page !== undefined; ) {
      const outcome: Outcome<z.infer<typeof listSchema>> = await this.list(limit, page);
      if (!('value' in outcome)) throw new Error(`list refused: ${outcome.message}`);
      items.push(...outcome.value.data);
      page = outcome.value.next_page ?? undefined;
      between();
    }
    return items;
  }

  stats() {
    return this.#ask(statsSchema, '/stats');
  }

  poll(workerId: string, reclaimMs?: number): Promise<Outcome<z.infer<typeof polledSchema>>> {
    const query = reclaimMs === undefined ? '' : `?reclaim_older_than_ms=${reclaimMs}`;
    return this.#ask(polledSchema, `/poll${query}`, { headers: { 'anthropic-worker-id': workerId } });
  }

  ack(id: string) {
    return this.#ask(workSchema, `/${id}/ack`, { method: 'POST' });
  }

  heartbeat(id: string, expected: string | null) {
    const query = expected === null ? '' : `?expected_last_heartbeat=${encodeURIComponent(expected)}`;
    return this.#ask(heartbeatSchema, `/${id}/heartbeat${query}`, { method: 'POST' });
  }

  stop(id: string, force: boolean) {
    return this.#ask(workSchema, `/${id}/stop`, { method: 'POST', body: force ? { force } : {} });
  }

  retrieve(id: string) {
    return this.#ask(workSchema, `/${id}`, { key: this.#simulator.apiKey });
  }

  update(id: string, metadata: Readonly<Record<string, string | null>>) {
    return this.#ask(workSchema, `/${id}`, { method: 'POST', body: { metadata }, key: this.#simulator.apiKey });
  }

  /** A message to a session: a dormant one gets new work. */
  async wake(sessionId: string): Promise<Answer> {
    return call(this.#simulator, this.#simulator.apiKey, `${this.#prefix}/sessions/${sessionId}/events`, {
      method: 'POST',
      body: { events: [{ type: 'user.message', content: [] }] },
    });
  }

  async #ask<T>(schema: z.ZodType<T>, path: string, options: Call & { key?: string } = {}): Promise<Outcome<T>> {
    const { status, body, headers } = await call(
      this.#simulator,
      options.key ?? this.#key,
      `${this.#path}${path}`,
      options,
    );
    if (status === 200) return { value: schema.parse(body) };
    const { error, request_id } = (status === 412 ? preconditionSchema : errorSchema).parse(body);
    if (headers.get('request-id') !== request_id) throw new Error('the request id of header and body differ');
    return { refused: status, message: error.message };
  }
}
