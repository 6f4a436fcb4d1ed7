import type { CredentialKind } from '../domain/failure.ts';
import { digest } from './agenda.ts';
import { type Endpoint, Rejection } from './faults.ts';
import type { Switches } from './switches.ts';

/** Who sends a request. */
export type KeyHolder =
  | { readonly kind: 'api_key' }
  | { readonly kind: 'environment_key'; readonly environmentId: string }
  | { readonly kind: 'sessions_token'; readonly sessionId: string };

export type Headers = Readonly<Record<string, string | string[] | undefined>>;

const TAKES_TOKENS = /^(?:heartbeat|stop|session.*)$/;
const SCOPES =
  'OAuth token does not meet scope requirement any_of(org:environments, user:developer, user:managed_agents, workspace:developer, workspace:managed_agents)';

/** The key of an environment: the same seed always gives the same one, and `-sim-` marks it as worthless elsewhere. */
export function environmentKeyFor(seed: number, environmentId: string): string {
  return `sk-ant-oat01-sim-${digest(seed, `environment key ${environmentId}`)}`;
}

/** The keys of the simulated organization, and what each opens. */
export class Access {
  readonly apiKey: string;
  readonly #seed: number;
  readonly #service: Switches;
  /** Who has which environment key and which sessions token. The key of a deleted environment stays known. */
  readonly #holders = new Map<string, KeyHolder>();

  constructor(seed: number, service: Switches) {
    this.apiKey = `sk-ant-api03-sim-${digest(seed, 'api key')}`;
    this.#seed = seed;
    this.#service = service;
  }

  /** The key of an environment, which is taken from now on. */
  environmentKey(environmentId: string): string {
    const key = environmentKeyFor(this.#seed, environmentId);
    if (this.#service.environmentKeys) this.#holders.set(key, { kind: 'environment_key', environmentId });
    return key;
  }

  /** The token of a session, as a poll hands it out in a secret. */
  sessionsToken(environmentId: string, sessionId: string): string {
    const token = `sk-ant-req-sim-${digest(this.#seed, `sessions token ${environmentId} ${sessionId}`)}`;
    this.#holders.set(token, { kind: 'sessions_token', sessionId });
    return token;
  }

  /** The holder of the key in these headers, or why there is none. */
  holderOf({ authorization, 'x-api-key': apiKey }: Headers): KeyHolder | Rejection {
    if (!authorization) {
      const isBearer = this.#service.apiKeyHeader === 'bearer';
      if (apiKey === undefined || isBearer) {
        return new Rejection(401, `${isBearer ? 'authorization' : 'x-api-key'} header is required`);
      }
      return apiKey === this.apiKey ? { kind: 'api_key' } : new Rejection(401, 'invalid x-api-key');
    }
    const token = /^Bearer +(\S+)$/i.exec(String(authorization))?.[1] ?? '';
    if (token === this.apiKey) {
      return this.#isOpenSdlc ? new Rejection(401, 'missing x-api-key header') : { kind: 'api_key' };
    }
    const unknown = this.#isOpenSdlc ? 'invalid environment key' : 'Invalid bearer token';
    return this.#holders.get(token) ?? new Rejection(401, unknown);
  }

  /** @throws Rejection 401, 403, or 404 where the provider has no such thing */
  check(caller: KeyHolder, endpoint: Endpoint, environmentId: string | undefined): void {
    const accepted = this.#acceptedAt(endpoint);
    if (accepted.length === 0) throw new Rejection(404, 'Not found');
    if (caller.kind === 'sessions_token') {
      if (TAKES_TOKENS.test(endpoint)) return;
      throw new Rejection(403, SCOPES);
    }
    if (!accepted.includes(caller.kind)) {
      if (caller.kind === 'api_key') throw new Rejection(401, 'This endpoint requires an environment key');
      const namesScopes = endpoint === 'retrieve' || endpoint === 'update';
      throw namesScopes ? new Rejection(403, SCOPES) : new Rejection(401, 'Authentication failed');
    }
    if (caller.kind === 'environment_key' && environmentId !== undefined && caller.environmentId !== environmentId) {
      throw this.#isOpenSdlc
        ? new Rejection(401, 'environment key is not valid for this environment')
        : new Rejection(403, 'Token not authorized for this environment');
    }
  }

  /** docs/design/work-api.md#which-key-opens-what */
  #acceptedAt(endpoint: Endpoint): readonly CredentialKind[] {
    const { credentials, environmentKeys } = this.#service;
    const worker: readonly CredentialKind[] = environmentKeys ? ['environment_key'] : ['api_key'];
    if (endpoint.startsWith('environment')) return credentials.environments;
    if (endpoint.startsWith('session')) return ['api_key', 'environment_key'];
    if (endpoint === 'list' || endpoint === 'stats' || endpoint === 'retrieve') return credentials[endpoint];
    if (endpoint === 'update') return credentials.retrieve;
    return endpoint === 'stop' ? [...credentials.retrieve, ...worker] : worker;
  }

  /** It takes an API key in `x-api-key` alone, and refuses environment keys in words of its own. */
  get #isOpenSdlc(): boolean {
    return this.#service.provider === 'opensdlc';
  }
}
