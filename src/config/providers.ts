import type { ApiOperation } from '../domain/environment.ts';
import type { CredentialKind } from '../domain/failure.ts';
import { PRESETS, PROVIDERS, type ProviderName } from '../wire/presets.ts';

/** What the choice of a provider means for a configuration. */
export interface ProviderSummary {
  readonly provider: ProviderName;
  readonly baseUrl: string;
  /** True: `baseUrl` is a template, and the configuration must set its own. */
  readonly baseUrlRequired: boolean;
  readonly workspaceRequired: boolean;
  /** Keys per operation, in order of preference; none: not offered. */
  readonly credentials: Readonly<Record<ApiOperation, readonly CredentialKind[]>>;
}

/** For the docs: the part of the presets that concerns a configuration. */
export const providerSummaries: readonly ProviderSummary[] = PROVIDERS.map((provider) => {
  const preset = PRESETS[provider];
  return {
    provider,
    baseUrl: preset.baseUrlTemplate,
    baseUrlRequired: preset.defaultBaseUrl === null,
    workspaceRequired: preset.workspaceRequired,
    credentials: preset.credentials,
  };
});
