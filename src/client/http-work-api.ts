import type { Clock } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import { isLive, type WorkItem } from '../domain/work.ts';
import { Drift } from '../wire/drift.ts';
import { withHeartbeat } from '../wire/item-with-heartbeat.ts';
import { cursorParameter } from '../wire/page-cursor.ts';
import { parseEnvironmentsPage } from '../wire/parse-environments-page.ts';
import { IDLE_EVENT, parseIdleEvent } from '../wire/parse-idle-event.ts';
import { parseSession } from '../wire/parse-session.ts';
import { parseStats } from '../wire/parse-stats.ts';
import { HEARTBEAT_FIELD, holdsSecret } from '../wire/parse-work-item.ts';
import { type KnownWorkPage, parseSingleItem, parseWorkPage, type RowMemory } from '../wire/parse-work-page.ts';
import { PRESETS, type ProviderName } from '../wire/presets.ts';
import { listQuestions } from './answer-memory.ts';
import type { Budget } from './budget.ts';
import { Caller } from './caller.ts';
import type { ClientObserver } from './client-observer.ts';
import { CredentialChooser, type CredentialStore } from './credentials.ts';
import { Deadlines } from './deadlines.ts';
import { createDispatcher } from './dispatcher.ts';
import { buildPath } from './path.ts';
import { fixedHeaders } from './request-headers.ts';
import { Slots } from './slots.ts';
import type { EnvironmentsRequest, PageRequest, WorkApi } from './work-api.ts';

/** What the client needs of a connection's configuration. */
export interface ConnectionOptions {
  readonly name: string;
  readonly provider: ProviderName;
  /** Without a trailing slash; may carry a path. */
  readonly baseUrl: string;
  readonly workspaceId: string | null;
  readonly maxConcurrentRequests: number;
  /** For one request, body included. */
  readonly timeoutMs: number;
  readonly maxResponseBytes: number;
  readonly ca: string | null;
}

export interface HttpWorkApiDeps {
  readonly connection: ConnectionOptions;
  readonly credentials: CredentialStore;
  /** Outlives this object: a reload hands it to the next one. */
  readonly budget: Budget;
  readonly observer: ClientObserver;
  readonly clock: Clock;
  readonly random: Random;
  /** For the proxy variables. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Of this program, for the user agent. */
  readonly version: string;
  /** Shared by the connections of a process, so that a new field is counted once; by default the client has its own. */
  readonly drift?: Drift;
}

const HEARTBEAT = {
  key: HEARTBEAT_FIELD,
  withText: withHeartbeat,
  isSettled: ({ state }: WorkItem) => !isLive(state),
};

/** A `WorkApi` with sockets to close. */
export interface HttpWorkApi extends WorkApi {
  /** Ends all sockets at once; requests under way fail. */
  close(): Promise<void>;
}

/**
 * The Work API over HTTP: GETs only, redirects never followed: docs/decisions/0001-the-exporter-can-only-read.md.
 *
 * @throws ExporterError `proxy_invalid`, `ca_invalid`
 */
export function createHttpWorkApi(deps: HttpWorkApiDeps): HttpWorkApi {
  const { connection, clock, observer } = deps;
  const preset = PRESETS[connection.provider];
  const base = new URL(connection.baseUrl);
  const prefix = base.pathname.replace(/\/+$/, '') + preset.pathPrefix;
  const dispatcher = createDispatcher({ ...connection, origin: base, env: deps.env });
  const deadlines = new Deadlines(clock, connection.timeoutMs);
  const chooser = new CredentialChooser(preset.credentials, deps.credentials, clock);
  const drift = deps.drift ?? new Drift((kind) => observer.unknownValue(kind));
  const caller = new Caller({
    connection: connection.name,
    preset,
    exchange: { ...connection, dispatcher, clock, deadlines, origin: base.origin },
    headers: fixedHeaders({ preset, workspaceId: connection.workspaceId, version: deps.version }),
    slots: new Slots(connection.maxConcurrentRequests),
    chooser,
    budget: deps.budget,
    observer,
    clock,
    random: deps.random,
  });

  const query = (page: PageRequest | EnvironmentsRequest): string => {
    const includeArchived = 'includeArchived' in page && page.includeArchived;
    // Nearly every list is asked for its first page.
    if (page.page === null && !includeArchived) return `?limit=${page.limit}`;
    const parameters = new URLSearchParams({ limit: String(page.limit) });
    if (includeArchived) parameters.set('include_archived', 'true');
    if (page.page !== null) parameters.set(...cursorParameter(page.page, preset.paging));
    return `?${parameters}`;
  };

  const questionOf = listQuestions(connection.provider);

  return {
    stats: (environment, options = {}) =>
      caller.run(
        {
          operation: 'stats',
          environmentId: environment,
          path: () => buildPath(prefix, 'stats', { environment }),
          parse: (body) => parseStats(body, drift),
        },
        options,
      ),
    listPage: (environment, page, options = {}) => {
      const { memory, metadataKeys } = options;
      const context = { paging: preset.paging, drift, environmentId: environment, metadataKeys };
      const asked = query(page);
      const reading = {
        changing: HEARTBEAT,
        page: (json: unknown, rows: KnownWorkPage | RowMemory) => parseWorkPage(json, context, rows),
        reported: () => drift.reported,
        mayKeep: (row: unknown) => !holdsSecret(row),
      };
      return caller.run(
        {
          operation: 'list',
          environmentId: environment,
          byCursor: page.page !== null,
          path: () => buildPath(prefix, 'list', { environment }) + asked,
          parse: (body) => parseWorkPage(body, context),
          recall: (body, whole) =>
            memory === undefined
              ? whole()
              : memory.valueOf(questionOf(asked, metadataKeys), body, { ...reading, whole }),
        },
        options,
      );
    },
    retrieve: (environment, work, { metadataKeys, ...options } = {}) =>
      caller.run(
        {
          operation: 'retrieve',
          environmentId: environment,
          path: () => buildPath(prefix, 'retrieve', { environment, work }),
          parse: (body) =>
            parseSingleItem(body, { drift, environmentId: environment, ...(metadataKeys && { metadataKeys }) }),
        },
        options,
      ),
    listEnvironments: (page, options = {}) =>
      caller.run(
        {
          operation: 'environments',
          environmentId: null,
          byCursor: page.page !== null,
          path: () => buildPath(prefix, 'environments') + query(page),
          parse: (body) => parseEnvironmentsPage(body, preset.paging, drift),
        },
        options,
      ),
    session: (environmentId, session, options = {}) =>
      caller.run(
        {
          operation: 'session',
          environmentId,
          path: () => buildPath(prefix, 'session', { session }),
          parse: parseSession,
        },
        options,
      ),
    lastIdleEvent: (environmentId, session, options = {}) =>
      caller.run(
        {
          operation: 'session',
          environmentId,
          path: () => `${buildPath(prefix, 'sessionEvents', { session })}?types=${IDLE_EVENT}&order=desc&limit=1`,
          parse: parseIdleEvent,
        },
        options,
      ),
    credentialFor(operation, environmentId) {
      const chosen = chooser.peek(operation, environmentId);
      return chosen === null ? null : { kind: chosen.kind, source: chosen.secret.source };
    },
    close: () => {
      deadlines.close();
      return dispatcher.destroy();
    },
  };
}
