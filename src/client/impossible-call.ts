import type { ApiOperation } from '../domain/environment.ts';
import { CREDENTIAL_NAMES, type Failure } from '../domain/failure.ts';
import type { ProviderPreset } from '../wire/presets.ts';
import { ApiError } from './failure/api-error.ts';
import { describeRequest } from './failure/describe-request.ts';
import { UnsafePathError } from './path.ts';

interface Wanted {
  readonly operation: ApiOperation;
  readonly environmentId: string | null;
}

/** A call for which no key is configured, or which the provider does not offer; nothing was sent. */
export function noCredential(wanted: Wanted, preset: ProviderPreset): Failure {
  const kinds = preset.credentials[wanted.operation];
  const what = describeRequest(wanted);
  if (kinds.length === 0) {
    return {
      ...NOTHING_SENT,
      reason: 'client_error',
      message: `${what} is not offered by the provider ${preset.provider}`,
      remedy: 'Name the environments in the configuration instead.',
    };
  }
  const words = kinds.map((kind) => `an ${CREDENTIAL_NAMES[kind]}`).join(' or ');
  const options = kinds.map((kind) => `${kind}_file`).join(' or ');
  return {
    ...NOTHING_SENT,
    reason: 'unauthorized',
    message: `${what} needs ${words}, and none is configured`,
    remedy: `Set ${options}.`,
  };
}

/** A call that waited until a reload gave its connection another address: the new keys must not go to the old address. */
export function wentElsewhere(wanted: Wanted): Failure {
  return {
    ...NOTHING_SENT,
    reason: 'network',
    message: `${describeRequest(wanted)} was not sent: a reload has given the connection another address`,
    remedy: 'Nothing needs to be done: the next read goes to the new address.',
  };
}

/** An id that cannot be part of a path, as a failure; any other error is passed on. */
export function brokenPath(wanted: Wanted, error: unknown): unknown {
  if (!(error instanceof UnsafePathError)) return error;
  const fromApi = error.segment !== 'environment';
  return new ApiError(
    {
      ...NOTHING_SENT,
      reason: fromApi ? 'bad_response' : 'client_error',
      message: fromApi
        ? `${describeRequest(wanted)} was not tried: the API gave it an id that cannot stand in a request path`
        : `Reading from an environment was not tried: its id cannot stand in a request path`,
      remedy: fromApi ? 'Report this: ids from the API contain only letters, digits, _ and -.' : (error.remedy ?? ''),
    },
    { cause: error },
  );
}

const NOTHING_SENT = { httpStatus: null, requestId: null } as const;
