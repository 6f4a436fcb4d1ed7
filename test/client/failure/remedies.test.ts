import { describe, expect, it } from 'vitest';
import { classifyAnswer } from '../../../src/client/failure/classify.ts';
import type { FailedRequest } from '../../../src/client/failure/failed-request.ts';
import { remedyFor } from '../../../src/client/failure/remedies.ts';
import { NO_ENVELOPE } from '../../../src/wire/other-answers.ts';
import { PRESETS, PROVIDERS } from '../../../src/wire/presets.ts';

function refused(status: number, message: string | null, more: Partial<FailedRequest> = {}): FailedRequest {
  return {
    preset: PRESETS.anthropic,
    operation: 'stats',
    environmentId: 'env_1',
    credential: 'environment_key',
    credentialSource: 'file /run/secrets/env-key',
    status,
    envelope: { ...NO_ENVELOPE, message },
    ...more,
  };
}
const apiKey = { credential: 'api_key', credentialSource: 'file /run/secrets/api-key' } as const;

describe('each refusal ends in what to do', () => {
  it.each<[string, FailedRequest, RegExp]>([
    ['garbage bearer', refused(401, 'Invalid bearer token'), /complete and has not expired .* Environment keys\.$/],
    [
      'revoked key',
      refused(401, 'OAuth access token has been revoked.'),
      /was revoked\. Create one in Console → Environments → env_1/,
    ],
    [
      'key of another environment',
      refused(403, 'Token not authorized for this environment'),
      /the key from file \/run\/secrets\/env-key and the id env_1 belong together/,
    ],
    [
      'key of another environment, in other words',
      refused(401, 'environment key is not valid for this environment'),
      /^An environment key reaches only its own environment: check that the key from file \/run\/secrets\/env-key and the id env_1 belong together\.$/,
    ],
    [
      'a key that the service does not know',
      refused(401, 'invalid environment key'),
      /mistyped, revoked, has expired, or its environment was deleted\. Make a new environment key for env_1/,
    ],
    [
      'environment key on retrieve',
      refused(403, 'OAuth token does not meet scope requirement any_of(x)', { operation: 'retrieve' }),
      /set api_key_file/,
    ],
    ['no credential arrived', refused(401, 'x-api-key header is required', apiKey), /removes request headers/],
    [
      'wrong API key',
      refused(401, 'Authentication failed', apiKey),
      /the key from file \/run\/secrets\/api-key is complete/,
    ],
    ['other workspace', refused(403, 'no', apiKey), /belongs to the workspace of env_1/],
    [
      'on hold',
      refused(403, 'x', { envelope: { ...NO_ENVELOPE, errorCode: 'organization_on_hold' }, ...apiKey }),
      /on hold/,
    ],
    [
      'creator left',
      refused(400, 'x', { envelope: { ...NO_ENVELOPE, errorCode: 'claude_code_key_creator_not_member' }, ...apiKey }),
      /left the organization/,
    ],
    ['billing', refused(402, null), /billing/],
    ['unknown environment', refused(404, 'not found'), /Check that env_1 exists/],
    ['unknown page', refused(404, 'not found', { operation: 'list', byCursor: true }), /starts the list over/],
    ['page too old', refused(410, null, { operation: 'list', byCursor: true }), /starts the list over/],
    ['cursor not valid', refused(422, null, { operation: 'list', byCursor: true }), /starts the list over/],
    ['bad cursor', refused(400, 'Invalid cursor', { operation: 'list', byCursor: true }), /starts the list over/],
    [
      'no list of environments',
      refused(404, null, { operation: 'environments', environmentId: null, ...apiKey }),
      /base_url and provider/,
    ],
    ['rate limit', refused(429, null), /lower requests_per_minute/],
    [
      'spend limit',
      refused(429, null, { envelope: { ...NO_ENVELOPE, errorCode: 'enforced_spend_limit_reached' } }),
      /spend limit/,
    ],
    ['overload', refused(529, null), /overloaded/],
    ['outage', refused(502, null), /tries again by itself/],
    ['redirect', refused(302, null), /base_url/],
    ['anything else', refused(418, null), /base_url/],
    ['bad request', refused(400, null), /provider fits base_url/],
  ])('%s', (_, request, remedy) => {
    const sentence = remedyFor(request);
    expect(sentence).toMatch(remedy);
    expect(sentence).toMatch(/^[A-Z].*\.$/);
  });
});

/** What services say with a refusal, as far as a remedy depends on it. */
const SAID = [
  null,
  'OAuth access token has been revoked.',
  'x-api-key header is required',
  'OAuth token does not meet scope requirement any_of(x)',
  'Token not authorized for this environment',
  'invalid environment key',
  'organization_on_hold',
  'claude_code_key_creator_not_member',
  'enforced_spend_limit_reached',
];

it.each(PROVIDERS)('what to do is possible on %s, whatever is refused', (provider) => {
  const preset = PRESETS[provider];
  const wrong: string[] = [];
  for (const operation of ['stats', 'list', 'retrieve', 'environments', 'session'] as const) {
    const kinds = preset.credentials[operation];
    for (const credential of kinds) {
      for (const status of [204, 302, 400, 401, 402, 403, 404, 405, 407, 409, 410, 413, 422, 426, 429, 451, 503, 529]) {
        for (const message of SAID) {
          const environmentId = operation === 'environments' ? null : 'env_1';
          const remedy = remedyFor(refused(status, message, { preset, operation, environmentId, credential }));
          const impossible =
            (/Console/.test(remedy) && !preset.keysFromConsole) ||
            (/environment key|environment_key/i.test(remedy) && !kinds.includes('environment_key')) ||
            (/API key|api_key/.test(remedy) && !kinds.includes('api_key'));
          if (impossible) wrong.push(`${operation} with ${credential}, ${status} ${message}: ${remedy}`);
        }
      }
    }
  }
  expect(wrong).toEqual([]);
});

describe('classifyAnswer', () => {
  const options = { requestId: null };

  it.each(['list', 'environments'] as const)(
    '404 for a later page of %s does not deny that the list is there',
    (operation) => {
      const said = 'not found. The work API is only available for self-hosted environments.';
      expect(classifyAnswer(refused(404, said, { operation, byCursor: true }), options)).toMatchObject({
        reason: 'client_error',
        httpStatus: 404,
      });
      expect(classifyAnswer(refused(404, 'not found', { operation, byCursor: false }), options).reason).toBe(
        'not_found',
      );
      expect(classifyAnswer(refused(403, 'no', { operation, byCursor: true }), options).reason).toBe('forbidden');
    },
  );

  it.each([
    [
      404,
      'Environment `env_1` not found, or does not support work listing. The work API is only available for self-hosted environments.',
    ],
    [400, 'Only BYOC and bridge environments support work polling. Environment env_1 is anthropic_cloud.'],
    [400, 'environment is not self_hosted'],
  ])('%d "%s" is not_self_hosted', (status, message) => {
    const failure = classifyAnswer(refused(status, message, { operation: 'list' }), options);
    expect(failure).toMatchObject({ reason: 'not_self_hosted', remedy: expect.stringContaining('self-hosted') });
  });

  it.each([
    [204, 'bad_response'],
    [206, 'bad_response'],
    [304, 'client_error'],
    [408, 'timeout'],
    [412, 'client_error'],
    [599, 'server_error'],
  ])('%d is %s', (status, reason) => {
    expect(classifyAnswer(refused(status, null), options).reason).toBe(reason);
  });
});
