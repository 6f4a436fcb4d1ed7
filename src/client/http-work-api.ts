import type { ApiOperation } from '../domain/environment.ts';
import { IDLE_EVENT, parseEnvironmentsPage, parseIdleEvent, parseSession } from '../wire/other-answers.ts';
import { PRESETS, type ProviderPreset } from '../wire/presets.ts';
import { type Drift, isSafeSegment } from '../wire/read.ts';
import { cursorParameter, parseSingleItem, parseStats, parseWorkPage } from '../wire/work.ts';
import { Client, type ClientDeps } from './client.ts';
import { type Asked, unsafeId } from './failures.ts';
import type { CallOptions, CredentialUse, EnvironmentsRequest, ItemOptions, PageRequest, WorkApi } from './work-api.ts';

const STATS_BYTES = 65_536;
/** Includes the instructions and tools of a session's agent, or the metadata of an item, which may be long. */
const ONE_BYTES = 1_048_576;

/** The request and the parser of each read of the Work API: there is no other list of endpoints. */
export class HttpWorkApi implements WorkApi {
  readonly #client: Client;
  readonly #preset: ProviderPreset;
  readonly #prefix: string;
  readonly #drift: Drift;

  /**
   * @param drift receives what is unknown to this version; shared by all connections, so that a new field is counted once
   * @throws ExporterError `proxy_invalid`, `ca_invalid`
   */
  constructor(deps: ClientDeps & { readonly drift: Drift }) {
    const { provider, baseUrl } = deps.connection;
    this.#client = new Client(deps);
    this.#preset = PRESETS[provider];
    this.#prefix = new URL(baseUrl).pathname.replace(/\/+$/, '') + this.#preset.pathPrefix;
    this.#drift = deps.drift;
  }

  async stats(environmentId: string, options: CallOptions = {}) {
    const asked = { operation: 'stats', environmentId } as const;
    const path = this.#path(asked, '/environments/{environment}/work/stats');
    const parse = (body: unknown) => parseStats(body, this.#drift);
    return this.#client.run({ ...asked, path, mostBytes: STATS_BYTES, parse }, options);
  }

  async listPage(environmentId: string, page: PageRequest, options: ItemOptions = {}) {
    const asked = { operation: 'list', environmentId } as const;
    const path = this.#path(asked, '/environments/{environment}/work') + this.#query(page);
    const parse = (body: unknown) => parseWorkPage(body, this.#context(environmentId, options));
    return this.#client.run({ ...asked, path, byCursor: page.page !== null, parse }, options);
  }

  async retrieve(environmentId: string, workId: string, options: ItemOptions = {}) {
    const asked = { operation: 'retrieve', environmentId } as const;
    const path = this.#path(asked, '/environments/{environment}/work/{id}', workId);
    const parse = (body: unknown) => parseSingleItem(body, this.#context(environmentId, options));
    return this.#client.run({ ...asked, path, mostBytes: ONE_BYTES, parse }, options);
  }

  async listEnvironments(page: EnvironmentsRequest, options: CallOptions = {}) {
    const asked = { operation: 'environments', environmentId: null } as const;
    const path = this.#path(asked, '/environments') + this.#query(page);
    const parse = (body: unknown) => parseEnvironmentsPage(body, this.#preset.paging, this.#drift);
    return this.#client.run({ ...asked, path, byCursor: page.page !== null, parse }, options);
  }

  async session(environmentId: string, sessionId: string, options: CallOptions = {}) {
    const asked = { operation: 'session', environmentId } as const;
    const path = this.#path(asked, '/sessions/{id}', sessionId);
    return this.#client.run({ ...asked, path, mostBytes: ONE_BYTES, parse: parseSession }, options);
  }

  async lastIdleEvent(environmentId: string, sessionId: string, options: CallOptions = {}) {
    const asked = { operation: 'session', environmentId } as const;
    const path = this.#path(asked, `/sessions/{id}/events?types=${IDLE_EVENT}&order=desc&limit=1`, sessionId);
    return this.#client.run({ ...asked, path, mostBytes: ONE_BYTES, parse: parseIdleEvent }, options);
  }

  credentialFor(operation: ApiOperation, environmentId: string): CredentialUse | null {
    const chosen = this.#client.credentials.choose({ operation, environmentId });
    return chosen === null ? null : { kind: chosen.kind, source: chosen.secret.source };
  }

  /** Ends all sockets at once; requests under way fail. */
  close(): Promise<void> {
    return this.#client.close();
  }

  #context(environmentId: string, { metadataKeys }: ItemOptions) {
    return { paging: this.#preset.paging, drift: this.#drift, environmentId, metadataKeys };
  }

  /** The only place that builds a path. `work/poll` is a GET that claims work, so ids are checked, never escaped. @throws ApiError */
  #path(asked: Asked, template: string, id: string | null = null): string {
    const { environmentId } = asked;
    if (environmentId !== null && !isSafeSegment(environmentId)) throw unsafeId(asked, false);
    if (id !== null && !isSafeSegment(id)) throw unsafeId(asked, true);
    return this.#prefix + template.replace('{environment}', environmentId ?? '').replace('{id}', id ?? '');
  }

  #query(page: PageRequest | EnvironmentsRequest): string {
    const parameters = new URLSearchParams({ limit: String(page.limit) });
    if ('includeArchived' in page && page.includeArchived) parameters.set('include_archived', 'true');
    if (page.page !== null) parameters.set(...cursorParameter(page.page, this.#preset.paging));
    return `?${parameters}`;
  }
}
