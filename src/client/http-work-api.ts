import type { Clock } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import { PRESETS, type ProviderName } from '../wire/presets.ts';
import { Drift } from '../wire/read.ts';
import type { Budget } from './budget.ts';
import { Caller } from './caller.ts';
import type { ClientObserver } from './client-observer.ts';
import { CredentialChooser, type CredentialStore } from './credentials.ts';
import { Deadlines } from './http/deadlines.ts';
import { type DispatcherMaker, dispatcherMaker } from './http/dispatcher.ts';
import { KeptConnections } from './http/kept-connections.ts';
import { proxyVariable } from './http/proxy.ts';
import { fixedHeaders } from './request-headers.ts';
import { Slots } from './slots.ts';
import type { WorkApi } from './work-api.ts';
import { workCalls } from './work-calls.ts';

/** What the client needs of a connection's configuration. */
export interface ConnectionOptions {
  readonly name: string;
  readonly provider: ProviderName;
  /** Without a trailing slash; may carry a path. */
  readonly baseUrl: string;
  readonly workspaceId: string | null;
  readonly maxConcurrentRequests: number;
  /** Timeout of one request, body included. */
  readonly timeoutMs: number;
  readonly maxResponseBytes: number;
  readonly ca: string | null;
}

export interface HttpWorkApiDeps {
  readonly connection: ConnectionOptions;
  readonly credentials: CredentialStore;
  /** Outlives this object: a reload passes it on to the next one. */
  readonly budget: Budget;
  readonly observer: ClientObserver;
  readonly clock: Clock;
  readonly random: Random;
  /** Read for the proxy variables. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The version of this program, for the user agent. */
  readonly version: string;
  /** Shared by the connections of a process, so that a new field is counted once; by default the client has its own. */
  readonly drift?: Drift;
  /** Whether a reload has given the connection another address: then this object sends nothing more. Default: never. */
  readonly isReplaced?: () => boolean;
  /** By default, sockets. */
  readonly dispatcher?: DispatcherMaker;
}

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
  const make = (deps.dispatcher ?? dispatcherMaker)({ ...connection, origin: base, env: deps.env });
  const connections = new KeptConnections(make, clock);
  const proxy = proxyVariable(base, deps.env)?.variable ?? null;
  const deadlines = new Deadlines(clock, connection.timeoutMs);
  const chooser = new CredentialChooser(preset.credentials, deps.credentials, clock);
  const caller = new Caller({
    connection: connection.name,
    preset,
    exchange: { ...connection, connections, clock, deadlines, origin: base.origin, proxy },
    headers: fixedHeaders({ preset, workspaceId: connection.workspaceId, version: deps.version }),
    slots: new Slots(connection.maxConcurrentRequests),
    chooser,
    budget: deps.budget,
    observer,
    clock,
    random: deps.random,
    isReplaced: deps.isReplaced ?? (() => false),
  });
  const calls = workCalls({
    preset,
    pathPrefix: base.pathname.replace(/\/+$/, '') + preset.pathPrefix,
    drift: deps.drift ?? new Drift((kind) => observer.unknownValue(kind)),
  });

  return {
    stats: (environmentId, options = {}) => caller.run(calls.stats(environmentId), options),
    listPage: (environmentId, page, options = {}) => caller.run(calls.listPage(environmentId, page, options), options),
    retrieve: (environmentId, workId, options = {}) =>
      caller.run(calls.retrieve(environmentId, workId, options), options),
    listEnvironments: (page, options = {}) => caller.run(calls.listEnvironments(page), options),
    session: (environmentId, sessionId, options = {}) => caller.run(calls.session(environmentId, sessionId), options),
    lastIdleEvent: (environmentId, sessionId, options = {}) =>
      caller.run(calls.lastIdleEvent(environmentId, sessionId), options),
    credentialFor(operation, environmentId) {
      const chosen = chooser.peek(operation, environmentId);
      return chosen === null ? null : { kind: chosen.kind, source: chosen.secret.source };
    },
    close: () => {
      deadlines.close();
      return connections.destroy();
    },
  };
}
