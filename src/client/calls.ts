import type { IdleEvent, QueueStats, SessionFacts, WorkItem } from '../domain/work.ts';
import { IDLE_EVENT, parseEnvironmentsPage, parseIdleEvent, parseSession } from '../wire/other-answers.ts';
import type { ProviderPreset } from '../wire/presets.ts';
import { type Drift, isSafeSegment } from '../wire/read.ts';
import { cursorParameter, parseSingleItem, parseStats, parseWorkPage } from '../wire/work.ts';
import { type Asked, unsafeId } from './failures.ts';
import type { EnvironmentsPage, EnvironmentsRequest, ItemOptions, PageRequest, WorkPage } from './work-api.ts';

/** Every path that the client can request, after the preset's prefix. There is no other list of endpoints. */
export const PATHS = {
  stats: '/environments/{environment}/work/stats',
  list: '/environments/{environment}/work',
  retrieve: '/environments/{environment}/work/{work}',
  environments: '/environments',
  session: '/sessions/{session}',
  sessionEvents: '/sessions/{session}/events',
} as const;

/** One read, of whatever kind. */
export interface Call<T> extends Asked {
  readonly path: string;
  /** Whether it asks for a page by a cursor that the API gave out. */
  readonly byCursor?: boolean;
  /** The most bytes of its answer; `max_response_bytes` limits them all. Absent: that alone. */
  readonly mostBytes?: number;
  /** @throws WireError */
  readonly parse: (body: unknown) => T;
}

const STATS_BYTES = 65_536;
/** Includes the instructions and tools of a session's agent, or the metadata of an item, which may be long. */
const ONE_BYTES = 1_048_576;

/** The request and the parser of each read of the Work API. Nothing is sent here. @throws ApiError for an id that fits no path */
export class Calls {
  readonly #preset: ProviderPreset;
  readonly #prefix: string;
  readonly #drift: Drift;

  /** @param basePath that of the base URL; @param drift receives what is unknown to this version in an answer */
  constructor(preset: ProviderPreset, basePath: string, drift: Drift) {
    this.#preset = preset;
    this.#prefix = basePath.replace(/\/+$/, '') + preset.pathPrefix;
    this.#drift = drift;
  }

  stats(environmentId: string): Call<QueueStats> {
    const asked = { operation: 'stats', environmentId } as const;
    const path = this.#path(asked, 'stats', { environment: environmentId });
    return { ...asked, path, mostBytes: STATS_BYTES, parse: (body) => parseStats(body, this.#drift) };
  }

  listPage(environmentId: string, page: PageRequest, { metadataKeys }: ItemOptions): Call<WorkPage> {
    const asked = { operation: 'list', environmentId } as const;
    const path = this.#path(asked, 'list', { environment: environmentId }) + this.#query(page);
    const context = { paging: this.#preset.paging, drift: this.#drift, environmentId, metadataKeys };
    return { ...asked, path, byCursor: page.page !== null, parse: (body) => parseWorkPage(body, context) };
  }

  retrieve(environmentId: string, work: string, { metadataKeys }: ItemOptions): Call<WorkItem> {
    const asked = { operation: 'retrieve', environmentId } as const;
    const path = this.#path(asked, 'retrieve', { environment: environmentId, work });
    const context = { drift: this.#drift, environmentId, metadataKeys };
    return { ...asked, path, mostBytes: ONE_BYTES, parse: (body) => parseSingleItem(body, context) };
  }

  listEnvironments(page: EnvironmentsRequest): Call<EnvironmentsPage> {
    const asked = { operation: 'environments', environmentId: null } as const;
    const path = this.#path(asked, 'environments') + this.#query(page);
    const parse = (body: unknown) => parseEnvironmentsPage(body, this.#preset.paging, this.#drift);
    return { ...asked, path, byCursor: page.page !== null, parse };
  }

  session(environmentId: string, session: string): Call<SessionFacts> {
    const asked = { operation: 'session', environmentId } as const;
    return { ...asked, path: this.#path(asked, 'session', { session }), mostBytes: ONE_BYTES, parse: parseSession };
  }

  lastIdleEvent(environmentId: string, session: string): Call<IdleEvent | null> {
    const asked = { operation: 'session', environmentId } as const;
    const path = `${this.#path(asked, 'sessionEvents', { session })}?types=${IDLE_EVENT}&order=desc&limit=1`;
    return { ...asked, path, mostBytes: ONE_BYTES, parse: parseIdleEvent };
  }

  /** The only place that builds a path. `work/poll` is a GET that claims work, so ids are checked, never escaped. */
  #path(asked: Asked, name: keyof typeof PATHS, ids: Readonly<Record<string, string>> = {}): string {
    const path = PATHS[name].replaceAll(/\{(\w+)\}/g, (_, segment: string) => {
      const id = ids[segment];
      if (id === undefined || !isSafeSegment(id)) throw unsafeId(asked, segment !== 'environment');
      return id;
    });
    return this.#prefix + path;
  }

  #query(page: PageRequest | EnvironmentsRequest): string {
    const parameters = new URLSearchParams({ limit: String(page.limit) });
    if ('includeArchived' in page && page.includeArchived) parameters.set('include_archived', 'true');
    if (page.page !== null) parameters.set(...cursorParameter(page.page, this.#preset.paging));
    return `?${parameters}`;
  }
}
