import type { ApiOperation } from '../../domain/environment.ts';
import { type CredentialKind, RATE_LIMITED_REMEDY } from '../../domain/failure.ts';
import type { FailedRequest } from './failed-request.ts';
import { REJECTED_CURSOR } from './rejected-page.ts';

/** A remedy, and the failures that it is for: those that fit everything that it names. */
export interface RemedyRule {
  readonly status: readonly number[];
  /** Matched with the API's error code and message; absent: any. */
  readonly says?: RegExp;
  readonly credential?: CredentialKind;
  readonly operation?: ApiOperation;
  readonly byCursor?: true;
  readonly isPage?: true;
  /** The key that the remedy names: only where it can make this kind of request. */
  readonly otherKey?: CredentialKind;
  readonly remedy: (request: FailedRequest) => string;
}

const newKey = ({ environmentId, preset }: FailedRequest) => {
  const environment = environmentId ?? 'the environment';
  return preset.keysFromConsole
    ? `Create one in Console → Environments → ${environment} → Environment keys`
    : `Create one for ${environment} where the service makes keys`;
};
const newApiKey = ({ preset }: FailedRequest) =>
  preset.keysFromConsole ? 'create one in Console → API keys' : 'create one where the service makes keys';
/** Where an administrator changes what no other key would change. */
const place = ({ preset }: FailedRequest) => (preset.keysFromConsole ? 'in the Console' : 'with the service');
const keyAt = ({ credentialSource }: FailedRequest) => `the key from ${credentialSource}`;

function ownEnvironmentOnly(request: FailedRequest): string {
  return `An environment key reaches only its own environment: check that ${keyAt(request)} and the id ${request.environmentId ?? ''} belong together.`;
}

/** The first match counts. What the API answers to wrong keys: docs/design/work-api.md#what-a-wrong-key-gets. */
export const REMEDY_RULES: readonly RemedyRule[] = [
  {
    status: [401, 403],
    isPage: true,
    remedy: () =>
      'The API answers with JSON, never with a page: a proxy, a firewall or a login between here and base_url refuses the request, and this says nothing about the key. Let it pass requests to base_url.',
  },
  {
    status: [404],
    isPage: true,
    remedy: () =>
      'The API answers with JSON, never with a page: base_url leads elsewhere, or a proxy or gateway before the API does not know this path. Check base_url and provider, and let requests pass to it.',
  },
  {
    status: [401],
    says: /revoked/i,
    credential: 'environment_key',
    remedy: (request) => `The environment key was revoked. ${newKey(request)}, and replace ${keyAt(request)} with it.`,
  },
  {
    status: [401],
    says: /x-api-key header is required/i,
    remedy: () =>
      'No credential reached the API: check that no proxy between here and base_url removes request headers.',
  },
  {
    status: [403],
    says: /scope requirement/i,
    credential: 'environment_key',
    otherKey: 'api_key',
    remedy: (request) =>
      `An environment key may not do this (${request.operation}): set api_key_file to a file with an API key of the same workspace.`,
  },
  {
    // OpenSDLC, which has no Console.
    status: [401, 403],
    says: /not (?:valid|authorized) for this environment/i,
    credential: 'environment_key',
    remedy: ownEnvironmentOnly,
  },
  {
    status: [401],
    says: /invalid environment key/i,
    credential: 'environment_key',
    remedy: (request) =>
      `The service does not know ${keyAt(request)}: it was mistyped, revoked, has expired, or its environment was deleted. Make a new environment key for ${request.environmentId ?? 'the environment'}, and replace it.`,
  },
  {
    status: [401],
    credential: 'environment_key',
    remedy: (request) =>
      `Check that ${keyAt(request)} is complete and has not expired (a year after it was made). ${newKey(request)}.`,
  },
  {
    status: [403],
    credential: 'environment_key',
    remedy: ownEnvironmentOnly,
  },
  {
    status: [400, 403],
    says: /organization_on_hold/i,
    remedy: (request) => `The organization is on hold: an administrator must resolve this ${place(request)}.`,
  },
  {
    status: [400, 403],
    says: /claude_code_key_creator_not_member/i,
    credential: 'api_key',
    remedy: (request) =>
      `The person who created ${keyAt(request)} has left the organization: ${newApiKey(request)}, and replace it.`,
  },
  {
    status: [401],
    remedy: (request) =>
      `Check that ${keyAt(request)} is complete, has not expired and is for this service; ${newApiKey(request)}.`,
  },
  {
    status: [403],
    remedy: (request) =>
      `Check that ${keyAt(request)} belongs to the workspace of ${request.environmentId ?? 'the environments'}, and workspace_id if it is set.`,
  },
  {
    status: [402],
    remedy: (request) => `A billing problem blocks the API: an administrator must resolve it ${place(request)}.`,
  },
  {
    status: REJECTED_CURSOR,
    byCursor: true,
    remedy: () =>
      'The API no longer accepts a cursor that it gave out: the exporter starts the list over; if this persists, check what proxies in between do with the query of a request.',
  },
  {
    status: [404],
    operation: 'environments',
    remedy: () => 'Check base_url and provider: the list of environments is not there.',
  },
  {
    status: [404],
    remedy: (request) =>
      `Check that ${request.environmentId ?? 'the id'} exists in the workspace of the key and was not deleted or archived; if the API knows no environment at all, check base_url and provider.`,
  },
  {
    status: [429],
    says: /spend_limit/i,
    remedy: (request) => `A spend limit is reached: an administrator must raise it ${place(request)}.`,
  },
  {
    status: [429],
    remedy: () => RATE_LIMITED_REMEDY,
  },
  { status: [529], remedy: () => 'The API is overloaded: nothing to do here, the exporter tries again by itself.' },
  {
    status: [300, 301, 302, 303, 304, 305, 306, 307, 308],
    remedy: () => 'Redirects are never followed: set base_url to the address of the API itself, with https.',
  },
  {
    status: [400],
    remedy: () => 'The API does not accept this request: check that provider fits base_url.',
  },
];
