import type { ApiOperation } from '../domain/environment.ts';
import { type CredentialKind, RATE_LIMITED_REMEDY } from '../domain/failure.ts';
import type { ErrorEnvelope } from '../wire/other-answers.ts';
import type { ProviderPreset } from '../wire/presets.ts';

/** What is known of a request that was not answered with a success. Nothing in it is secret, and the texts of the API are not shown. */
export interface FailedRequest {
  readonly preset: Pick<ProviderPreset, 'credentials' | 'keysFromConsole'>;
  readonly operation: ApiOperation;
  /** Null for the list of environments. */
  readonly environmentId: string | null;
  /** Whether it asked for a page by a cursor that the API gave out. */
  readonly byCursor?: boolean | undefined;
  readonly credential: CredentialKind;
  /** Where the key was configured, in words. */
  readonly credentialSource: string;
  readonly status: number;
  readonly envelope: ErrorEnvelope;
  /** The answer was an HTML page. */
  readonly isPage?: boolean | undefined;
}

/** The statuses for a parameter that is not accepted; 422 is that of frameworks which check parameters themselves. */
export const REJECTED_PARAMETER: readonly number[] = [400, 422];
/** The statuses for a cursor that is no longer accepted: nothing else in a request with a cursor can be wrong. */
export const REJECTED_CURSOR: readonly number[] = [...REJECTED_PARAMETER, 404, 410];

/**
 * One or two sentences that say what to do about an answer that is not a success. What the API answers to wrong keys:
 * docs/design/work-api.md#what-a-wrong-key-gets.
 */
export function remedyFor(request: FailedRequest): string {
  const { status, environmentId, operation, envelope } = request;
  const says = (text: RegExp) => text.test(`${envelope.errorCode ?? ''} ${envelope.message ?? ''}`);
  const admin = `an administrator must resolve it ${request.preset.keysFromConsole ? 'in the Console' : 'with the service'}.`;
  if (request.isPage && (status === 401 || status === 403))
    return 'The API answers with JSON, never with a page: a proxy, a firewall or a login between here and base_url refuses the request, and this says nothing about the key. Let it pass requests to base_url.';
  if (request.isPage && status === 404)
    return 'The API answers with JSON, never with a page: base_url leads elsewhere, or a proxy or gateway before the API does not know this path. Check base_url and provider, and let requests pass to it.';
  if ((status === 400 || status === 403) && says(/organization_on_hold/i))
    return `The organization is on hold: ${admin}`;
  if (status === 400 && says(/claude_code_key_creator_not_member/i)) return creatorLeft(request);
  if (status === 401 || status === 403) return keyRemedy(request, says);
  if (request.byCursor && REJECTED_CURSOR.includes(status))
    return 'The API no longer accepts a cursor that it gave out: the exporter starts the list over; if this persists, check what proxies in between do with the query of a request.';
  if (status === 404 && operation === 'environments')
    return 'Check base_url and provider: the list of environments is not there.';
  if (status === 404)
    return `Check that ${environmentId ?? 'the id'} exists in the workspace of the key and was not deleted or archived; if the API knows no environment at all, check base_url and provider.`;
  if (status === 402) return `A billing problem blocks the API: ${admin}`;
  if (status === 429) return says(/spend_limit/i) ? `A spend limit is reached: ${admin}` : RATE_LIMITED_REMEDY;
  if (status === 529) return 'The API is overloaded: nothing to do here, the exporter tries again by itself.';
  if (status >= 500 || status === 408)
    return 'The API, or a gateway before it, is failing: the exporter tries again by itself; if it lasts, see the status page of the API.';
  if (status >= 300 && status < 400)
    return 'Redirects are never followed: set base_url to the address of the API itself, with https.';
  if (status === 400) return 'The API does not accept this request: check that provider fits base_url.';
  return 'Check base_url and provider, and what proxies in between do; else report it to the service, with the request id if there is one.';
}

function keyRemedy(request: FailedRequest, says: (text: RegExp) => boolean): string {
  const { status, credential, operation, preset, credentialSource } = request;
  const environment = request.environmentId ?? 'the environment';
  const key = `the key from ${credentialSource}`;
  if (status === 401 && says(/x-api-key header is required/i))
    return 'No credential reached the API: check that no proxy between here and base_url removes request headers.';
  if (credential === 'api_key') {
    if (says(/claude_code_key_creator_not_member/i)) return creatorLeft(request);
    if (status === 401)
      return `Check that ${key} is complete, has not expired and is for this service; ${newApiKey(request)}.`;
    return `Check that ${key} belongs to the workspace of ${request.environmentId ?? 'the environments'}, and workspace_id if it is set.`;
  }
  const renew = preset.keysFromConsole
    ? `Create one in Console → Environments → ${environment} → Environment keys`
    : `Create one for ${environment} where the service makes keys`;
  if (status === 403 && says(/scope requirement/i) && preset.credentials[operation].includes('api_key'))
    return `An environment key may not do this (${operation}): set api_key_file to a file with an API key of the same workspace.`;
  if (status === 403 || says(/not (?:valid|authorized) for this environment/i))
    return `An environment key reaches only its own environment: check that ${key} and the id ${environment} belong together.`;
  if (says(/revoked/i)) return `The environment key was revoked. ${renew}, and replace ${key} with it.`;
  if (says(/invalid environment key/i))
    return `The service does not know ${key}: it was mistyped, revoked, has expired, or its environment was deleted. Make a new environment key for ${environment}, and replace it.`;
  return `Check that ${key} is complete and has not expired (a year after it was made). ${renew}.`;
}

function creatorLeft(request: FailedRequest): string {
  return `The person who created the key from ${request.credentialSource} has left the organization: ${newApiKey(request)}, and replace it.`;
}

function newApiKey({ preset }: FailedRequest): string {
  return preset.keysFromConsole ? 'create one in Console → API keys' : 'create one where the service makes keys';
}
