import type { ApiOperation } from '../domain/environment.ts';
import type { CredentialKind } from '../domain/failure.ts';
import { RATE_LIMITED_REMEDY } from '../domain/rate-limited.ts';
import type { ErrorEnvelope } from '../wire/parse-error-envelope.ts';

/** What is known of a rejected request when its remedy is chosen. Nothing in it is secret. */
export interface RefusedRequest {
  readonly operation: ApiOperation;
  /** Null for the list of environments. */
  readonly environmentId: string | null;
  readonly credential: CredentialKind;
  /** Where the key was configured, in words. */
  readonly credentialSource: string;
  readonly status: number;
  readonly envelope: ErrorEnvelope;
}

interface Rule {
  readonly status: readonly number[];
  /** Matched with the API's error code and message; absent: any. */
  readonly says?: RegExp;
  readonly credential?: CredentialKind;
  readonly operation?: ApiOperation;
  readonly remedy: (request: RefusedRequest) => string;
}

const newKey = ({ environmentId }: RefusedRequest) =>
  `Create one in Console → Environments → ${environmentId ?? 'the environment'} → Environment keys`;
const keyAt = ({ credentialSource }: RefusedRequest) => `the key from ${credentialSource}`;

function ownEnvironmentOnly(request: RefusedRequest): string {
  return `An environment key reaches only its own environment: check that ${keyAt(request)} and the id ${request.environmentId ?? ''} belong together.`;
}

/** The first match gives the sentence. What a refusal says: docs/design/work-api.md#what-a-wrong-key-gets. */
const RULES: readonly Rule[] = [
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
    status: [401, 403],
    operation: 'list',
    credential: 'api_key',
    remedy: (request) =>
      `Listing work needs an environment key, not an API key. ${newKey(request)} and set environment_key_file.`,
  },
  {
    status: [403],
    says: /scope requirement/i,
    credential: 'environment_key',
    remedy: (request) =>
      `An environment key may not do this (${request.operation}): set api_key_file to a file with a Claude API key of the same workspace.`,
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
    remedy: () => 'The organization is on hold: an administrator must resolve this in the Console.',
  },
  {
    status: [400, 403],
    says: /claude_code_key_creator_not_member/i,
    remedy: (request) =>
      `The person who created ${keyAt(request)} has left the organization: create a new API key in the Console.`,
  },
  {
    status: [401],
    remedy: (request) =>
      `Check that ${keyAt(request)} is complete, active and for this service; create one in Console → API keys.`,
  },
  {
    status: [403],
    remedy: (request) =>
      `Check that ${keyAt(request)} belongs to the workspace of ${request.environmentId ?? 'the environments'}, and workspace_id if it is set.`,
  },
  {
    status: [402],
    remedy: () => 'A billing problem blocks the API: an administrator must resolve it in the Console.',
  },
  {
    status: [404],
    operation: 'environments',
    remedy: () => 'Check base_url and provider: the list of environments is not there.',
  },
  {
    status: [404],
    remedy: (request) =>
      `Check that ${request.environmentId ?? 'the id'} exists in this workspace and was not deleted or archived.`,
  },
  {
    status: [429],
    says: /spend_limit/i,
    remedy: () => 'A spend limit is reached: an administrator must raise it in the Console.',
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

/** One or two sentences that say what to do about an answer that is not a success. */
export function remedyFor(request: RefusedRequest): string {
  const said = `${request.envelope.errorCode ?? ''} ${request.envelope.message ?? ''}`;
  const rule = RULES.find(
    ({ status, says, credential, operation }) =>
      status.includes(request.status) &&
      (says?.test(said) ?? true) &&
      (credential ?? request.credential) === request.credential &&
      (operation ?? request.operation) === request.operation,
  );
  if (rule !== undefined) return rule.remedy(request);
  if (request.status >= 500 || request.status === 408) {
    return 'The API, or a gateway before it, is failing: the exporter tries again by itself; if it lasts, see the status page of the API.';
  }
  return 'Check base_url and provider; the request id helps the vendor to find the request.';
}
