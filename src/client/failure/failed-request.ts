import type { ApiOperation } from '../../domain/environment.ts';
import type { CredentialKind } from '../../domain/failure.ts';
import type { ErrorEnvelope } from '../../wire/other-answers.ts';
import type { ProviderPreset } from '../../wire/presets.ts';

/** What is known of a request that was not answered with a success, for its reason and its remedy. Nothing in it is secret. */
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
