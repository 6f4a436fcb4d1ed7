import { ANTHROPIC_VERSION, MANAGED_AGENTS_BETA, type ProviderPreset } from '../wire/presets.ts';
import type { ChosenCredential } from './credentials.ts';

export interface FixedHeaderOptions {
  readonly preset: ProviderPreset;
  readonly workspaceId: string | null;
  readonly version: string;
}

/** The headers that are the same for every request of a connection. */
export function fixedHeaders({ preset, workspaceId, version }: FixedHeaderOptions): Readonly<Record<string, string>> {
  return {
    accept: 'application/json',
    // Answers are small and the network is close: compression would cost both sides more than it saves.
    'accept-encoding': 'identity',
    // Numbers from a cache would be shown as current.
    'cache-control': 'no-cache',
    'user-agent': `anthropic-work-exporter/${version}`,
    ...(preset.versionHeaders && { 'anthropic-version': ANTHROPIC_VERSION, 'anthropic-beta': MANAGED_AGENTS_BETA }),
    ...(workspaceId !== null && { 'anthropic-workspace-id': workspaceId }),
  };
}

/** The headers of a connection, with the one that carries the key. */
export function withCredential(
  headers: Readonly<Record<string, string>>,
  { kind, secret }: ChosenCredential,
  preset: ProviderPreset,
): Readonly<Record<string, string>> {
  if (kind === 'api_key' && preset.apiKeyHeader === 'x-api-key') return { ...headers, 'x-api-key': secret.reveal() };
  return { ...headers, authorization: `Bearer ${secret.reveal()}` };
}
