import type { CredentialKind } from '../../domain/failure.ts';
import type { EnvironmentState } from '../../state/environment-state.ts';
import { declaredFailure, isDeclaredOtherwise } from '../../state/self-hosted.ts';

const UNTRIED = {
  credential: null,
  credential_source: null,
  http_status: null,
  request_id: null,
  duration_seconds: null,
} as const;

/** What `check --live` says of an operation that was not tried. `wanted`: the credentials that it could be read with. */
export function untriedOutcome(state: EnvironmentState, wanted: readonly CredentialKind[]) {
  const { environment } = state;
  // Nobody is to be told to make a key for something that has no queue.
  if (isDeclaredOtherwise(state)) {
    const { message, remedy } = declaredFailure(state);
    return { ...UNTRIED, verdict: 'not_self_hosted' as const, detail: message, remedy };
  }
  const place =
    environment.source === 'discovery'
      ? `put it into a file named ${environment.id} in discovery.environment_keys_dir`
      : `set environment_key_file of ${environment.id}`;
  const remedy = wanted.includes('environment_key')
    ? `Console → Environments → ${environment.name} → Environment keys → Create, then ${place}.`
    : `Set api_key_file of connection ${environment.connection}.`;
  const detail = `no ${wanted.join(' or ').replaceAll('_', ' ')} is configured`;
  return { ...UNTRIED, verdict: 'not_attempted' as const, detail, remedy };
}
