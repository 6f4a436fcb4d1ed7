import type { CredentialKind } from '../domain/failure.ts';
import type { ProviderPreset } from '../wire/presets.ts';
import type { Endpoint } from './faults.ts';
import { Rejection } from './rejection.ts';
import type { Switches } from './switches.ts';

/** Who sends a request. */
export type KeyHolder =
  | { readonly kind: 'api_key' }
  | { readonly kind: 'environment_key'; readonly environmentId: string }
  | { readonly kind: 'sessions_token'; readonly sessionId: string };

export interface AccessOptions {
  readonly preset: ProviderPreset;
  readonly switches: Switches;
  readonly apiKey: string;
  /** Environment ids by environment key. */
  readonly environmentKeys: ReadonlyMap<string, string>;
}

/** The headers of a request. */
export type PresentedCredentials = Readonly<Record<string, string | string[] | undefined>>;

const SCOPES =
  'OAuth token does not meet scope requirement any_of(org:environments, user:developer, user:managed_agents, workspace:developer, workspace:managed_agents)';

/**
 * The keys of the simulated organization, and which endpoint takes which: docs/design/work-api.md#which-key-opens-what.
 */
export class Access {
  readonly #options: AccessOptions;
  /** Session ids by the sessions tokens that were handed out. */
  readonly #tokens = new Map<string, string>();

  constructor(options: AccessOptions) {
    this.#options = options;
  }

  /** Registers a sessions token, as a poll does that answers with a secret. */
  issue(token: string, sessionId: string): void {
    this.#tokens.set(token, sessionId);
  }

  /** The holder of the key in these headers. @throws Rejection 401 */
  identify(headers: PresentedCredentials): KeyHolder {
    const { preset, switches, apiKey, environmentKeys } = this.#options;
    const authorization = textOf(headers.authorization);
    const xApiKey = textOf(headers['x-api-key']);
    if (authorization === undefined || authorization === '') {
      if (xApiKey === undefined || preset.apiKeyHeader !== 'x-api-key') {
        throw new Rejection(
          401,
          `${preset.apiKeyHeader === 'bearer' ? 'authorization' : 'x-api-key'} header is required`,
        );
      }
      if (xApiKey !== apiKey) throw new Rejection(401, 'invalid x-api-key');
      return { kind: 'api_key' };
    }
    const token = /^Bearer +(\S+)$/i.exec(authorization)?.[1] ?? '';
    if (token === apiKey) {
      if (preset.apiKeyHeader === 'x-api-key' && !switches.apiKeyAsBearer) {
        throw new Rejection(401, 'missing x-api-key header');
      }
      return { kind: 'api_key' };
    }
    const environmentId = preset.environmentKeys ? environmentKeys.get(token) : undefined;
    if (environmentId !== undefined) return { kind: 'environment_key', environmentId };
    const sessionId = this.#tokens.get(token);
    if (sessionId !== undefined) return { kind: 'sessions_token', sessionId };
    throw new Rejection(
      401,
      switches.wrongKeyWords === 'opensdlc' ? 'invalid environment key' : 'Invalid bearer token',
    );
  }

  /** What kind of key these headers have; null: none that is known. */
  kindOf(headers: PresentedCredentials): KeyHolder['kind'] | null {
    try {
      return this.identify(headers).kind;
    } catch (error) {
      if (error instanceof Rejection) return null;
      throw error;
    }
  }

  /** Admits a caller to an endpoint of an environment. @throws Rejection 401, 403 or 404 */
  check(caller: KeyHolder, endpoint: Endpoint, environmentId: string | null): void {
    const accepted = acceptedBy(this.#options.preset, endpoint);
    if (accepted.length === 0) throw new Rejection(404, 'Not found');
    if (caller.kind === 'sessions_token') {
      if (isSessionEndpoint(endpoint) || endpoint === 'heartbeat' || endpoint === 'stop') return;
      throw new Rejection(403, SCOPES);
    }
    if (!accepted.includes(caller.kind)) throw this.#wrongKind(caller.kind, endpoint);
    if (caller.kind === 'environment_key' && environmentId !== null && caller.environmentId !== environmentId) {
      throw this.#options.switches.wrongKeyWords === 'opensdlc'
        ? new Rejection(401, 'environment key is not valid for this environment')
        : new Rejection(403, 'Token not authorized for this environment');
    }
  }

  #wrongKind(kind: CredentialKind, endpoint: Endpoint): Rejection {
    if (kind === 'environment_key') {
      return endpoint === 'retrieve' || endpoint === 'update' || isSessionEndpoint(endpoint)
        ? new Rejection(403, SCOPES)
        : new Rejection(401, 'Authentication failed');
    }
    return new Rejection(401, 'This endpoint requires an environment key');
  }
}

function textOf(header: string | string[] | undefined): string | undefined {
  return typeof header === 'string' ? header : undefined;
}

function isSessionEndpoint(endpoint: Endpoint): boolean {
  return endpoint.startsWith('session');
}

/** The kinds of key that an endpoint accepts; none when the provider does not offer it. */
function acceptedBy(preset: ProviderPreset, endpoint: Endpoint): readonly CredentialKind[] {
  const worker: readonly CredentialKind[] = preset.environmentKeys ? ['environment_key'] : ['api_key'];
  if (isSessionEndpoint(endpoint)) return ['api_key', 'environment_key'];
  switch (endpoint) {
    case 'environments':
    case 'environment':
    case 'create_environment':
    case 'archive_environment':
    case 'delete_environment':
      return preset.credentials.environments;
    case 'list':
      return preset.credentials.list;
    case 'stats':
      return preset.credentials.stats;
    case 'retrieve':
    case 'update':
      return preset.credentials.retrieve;
    case 'stop':
      return [...preset.credentials.retrieve, ...worker];
    default:
      return worker;
  }
}
